"""Assessments of traces: feedback and expectations, changed, overridden, deleted."""

import os

os.environ["MLFLOW_ENABLE_ASYNC_TRACE_LOGGING"] = "false"

import mlflow  # noqa: E402
from mlflow.entities import AssessmentSource, Expectation, Feedback  # noqa: E402
from mlflow.entities.assessment import AssessmentError  # noqa: E402
from world import equal  # noqa: E402


def _trace(world):
    mlflow.set_experiment(world.name("assessed"))
    with mlflow.start_span("it") as span:
        pass
    return span.trace_id, span.span_id


def _kept(id):
    return [(one.name, one.value, one.valid) for one in mlflow.get_trace(id).info.assessments]


def feedback_of_every_kind(world):
    """Numbers, texts, truths, lists, objects and nothing come back as they were"""
    id, span = _trace(world)
    values = {"float": 0.25, "int": 3, "text": "é", "truth": False, "list": [1, "a", True], "object": {"a": 1.5, "b": "c"}}
    for name, value in values.items():
        made = mlflow.log_feedback(trace_id=id, name=name, value=value)
        equal(mlflow.get_assessment(id, made.assessment_id).value, value)
    equal({one.name: one.value for one in mlflow.get_trace(id).info.assessments}, values)
    whole = mlflow.log_feedback(
        trace_id=id, name="judged", value=None, error=AssessmentError("RATE_LIMIT", "too many", "trace"), rationale="none",
        source=AssessmentSource("LLM_JUDGE", "gpt-4"), metadata={"k": "v"}, span_id=span,
    )
    equal(mlflow.get_assessment(id, whole.assessment_id), whole)
    equal((whole.error.error_code, whole.source.source_type, whole.span_id, whole.metadata), ("RATE_LIMIT", "LLM_JUDGE", span, {"k": "v"}))


def expectations_of_every_kind(world):
    """Also lists and objects, which travel as JSON in a text"""
    id, _ = _trace(world)
    values = {"text": "Paris", "number": 4, "list": ["a", {"b": None}], "object": {"a": [1, 2]}}
    for name, value in values.items():
        mlflow.log_expectation(trace_id=id, name=name, value=value, metadata={"by": "ann"})
    kept = mlflow.get_trace(id).info.assessments
    equal({one.name: one.value for one in kept}, values)
    equal({one.source.source_type for one in kept}, {"HUMAN"})


def an_assessment_changes(world):
    """update_assessment: name, value, rationale; metadata are added to; the kind stays"""
    id, _ = _trace(world)
    made = mlflow.log_feedback(trace_id=id, name="a", value=1, rationale="r", metadata={"x": "1"})
    changed = mlflow.update_assessment(id, made.assessment_id, Feedback(name="b", value=2, metadata={"y": "2"}))
    equal((changed.name, changed.value, changed.rationale, changed.metadata), ("b", 2, "r", {"x": "1", "y": "2"}))
    assert changed.last_update_time_ms >= made.create_time_ms
    equal(mlflow.get_assessment(id, made.assessment_id), changed)
    world.refused(lambda: mlflow.update_assessment(id, made.assessment_id, Expectation(name="b", value=2)), "INVALID_PARAMETER_VALUE")
    want = mlflow.log_expectation(trace_id=id, name="w", value="x")
    equal(mlflow.update_assessment(id, want.assessment_id, Expectation(name="w", value=["y"])).value, ["y"])


def an_assessment_is_overridden(world):
    """override_feedback: the first is valid no more, until the second is deleted"""
    id, _ = _trace(world)
    first = mlflow.log_feedback(trace_id=id, name="a", value="bad")
    second = mlflow.override_feedback(trace_id=id, assessment_id=first.assessment_id, value="good", rationale="looked again")
    equal(second.overrides, first.assessment_id)
    equal(_kept(id), [("a", "bad", False), ("a", "good", True)])
    mlflow.delete_assessment(id, second.assessment_id)
    equal(_kept(id), [("a", "bad", True)])
    mlflow.delete_assessment(id, second.assessment_id)


def assessments_inside_a_trace_come_with_it(world):
    """Logged while the trace is made"""
    mlflow.set_experiment(world.name("inside"))
    with mlflow.start_span("it") as span:
        mlflow.log_feedback(trace_id=span.trace_id, name="early", value=True)
    [one] = mlflow.get_trace(span.trace_id).info.assessments
    equal((one.name, one.value, one.trace_id), ("early", True, span.trace_id))


def what_is_not_there_is_told(world):
    """Unknown traces and assessments"""
    id, _ = _trace(world)
    world.refused(lambda: mlflow.log_feedback(trace_id="tr-none", name="a", value=1), "RESOURCE_DOES_NOT_EXIST")
    world.refused(lambda: mlflow.get_assessment(id, "a-none"), "RESOURCE_DOES_NOT_EXIST", "a-none")
    world.refused(lambda: mlflow.update_assessment(id, "a-none", Feedback(name="b", value=2)), "RESOURCE_DOES_NOT_EXIST")
