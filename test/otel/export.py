"""Sends traces with OpenTelemetry's own exporter: python export.py URL EXPERIMENT COUNT.

Prints a JSON line for each trace: its id, and whether the exporter says that it was taken.
"""

import json
import sys

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link

url, experiment, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
exporter = OTLPSpanExporter(
    endpoint=f"{url}/v1/traces",
    headers={"x-mlflow-experiment-id": experiment},
    compression=Compression.Gzip,
    timeout=60,
)


class Gather(SpanExporter):
    """Holds the spans of a trace until its root ends, so that one export brings them all."""

    def __init__(self):
        self.spans = []

    def export(self, spans):
        self.spans.extend(spans)
        return SpanExportResult.SUCCESS

    def take(self):
        taken, self.spans = self.spans, []
        return taken


gather = Gather()
provider = TracerProvider(resource=Resource.create({"service.name": "shop", "host.cores": 2}))
provider.add_span_processor(SimpleSpanProcessor(gather))
tracer = provider.get_tracer("test", "1.0")
before = None
for n in range(count):
    with tracer.start_as_current_span("request", links=[Link(before, {"why": "retry"})] if before else []) as root:
        root.set_attributes({"n": n, "ratio": 1.0, "yes": True, "tags": ["a", "b"], "big": 2**62, "session.id": "s-1", "odd": "é🧪"})
        before = root.get_span_context()
        with tracer.start_as_current_span("chat", attributes={"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4",
                                                              "gen_ai.usage.input_tokens": 7, "gen_ai.usage.output_tokens": 3}):
            pass
        try:
            with tracer.start_as_current_span("fails"):
                raise ValueError("boom")
        except ValueError:
            pass
    spans = gather.take()
    taken = exporter.export(spans) == SpanExportResult.SUCCESS
    root = spans[-1]
    line = {
        "trace": trace.format_trace_id(root.context.trace_id),
        "root": trace.format_span_id(root.context.span_id),
        "start": str(root.start_time),
        "end": str(root.end_time),
        "taken": taken,
    }
    print(json.dumps(line), flush=True)
