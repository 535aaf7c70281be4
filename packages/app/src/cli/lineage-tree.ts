import type { DataLineage, GateDecision, LineagePrediction, ModelLineage, Rollout } from '@pawl/client';
import { formatBytes, formatDuration, formatNumber, formatShare, formatTime, plural, shortDigest } from './format.ts';
import type { Branch } from './tree.ts';

/** Everything behind one answer, from the answer down to the raw data. */
export function ofPrediction({ prediction, label, model }: LineagePrediction): Branch {
  const outputs = Object.entries(prediction.outputs)
    .map(([name, value]) => `${name} ${toValue(value)}`)
    .join(', ');
  const arm =
    prediction.candidate_weight === null ? '' : `, ${prediction.arm} arm (candidate at ${formatShare(prediction.candidate_weight)})`;
  const truth = label === null ? 'not labelled yet' : `labelled ${label.value} at ${formatTime(label.time)}`;
  return {
    text: `Prediction ${prediction.id}${prediction.row === 0 ? '' : ` row ${prediction.row}`} at endpoint ${prediction.endpoint}`,
    under: [
      {
        text: `Answered ${formatTime(prediction.time)} in ${formatDuration(prediction.latency_ms)}: ${prediction.code === 'ok' ? outputs : prediction.code}${arm}`,
      },
      { text: `Truth: ${truth}` },
      ofModel(model),
    ],
  };
}

export function ofModel({ version, run, metrics, pipeline_run, data, gate, rollout }: ModelLineage): Branch {
  return {
    text: `Model ${version.model} version ${version.version} (${version.stage})`,
    under: [
      { text: `Package ${version.package ?? 'not stored here'}` },
      { text: `Registered ${formatTime(version.created_at)} by ${version.created_by}` },
      ...ofForced(version),
      ...ofRun(run, metrics, pipeline_run),
      ...data.map(({ role, lineage }) => ofData(lineage, `${role}: `)),
      ofGate(gate),
      ofRollout(rollout),
    ],
  };
}

/** A force stands at the gate's decision too, where there is one; an alias, or a move without any decision, leaves it only here. */
function ofForced({ forced }: ModelLineage['version']): readonly Branch[] {
  if (forced === null) return [];
  return [
    {
      text: `Forced into Production ${formatTime(forced.at)} by ${forced.actor}: ${forced.reason}`,
      under: [{ text: `Its gate said ${forced.verdict}` }],
    },
  ];
}

function ofRun(run: ModelLineage['run'], metrics: ModelLineage['metrics'], pipelineRun: ModelLineage['pipeline_run']): readonly Branch[] {
  if (run === null) return [{ text: 'Run: none is recorded' }];
  const { code } = run;
  const under: Branch[] = [
    {
      text:
        code === null
          ? 'Code: no commit is recorded'
          : `Code: commit ${code.commit}${code.branch === null ? '' : ` on ${code.branch}`}${code.patch === null ? ', clean tree' : `, with uncommitted changes ${shortDigest(code.patch)}`}`,
    },
  ];
  const params = Object.entries(run.params).map(([name, value]) => `${name}=${value}`);
  if (params.length > 0) under.push({ text: `Parameters: ${params.join(' ')}` });
  const own = metrics.filter(({ key }) => !key.startsWith('system/'));
  if (own.length > 0) under.push({ text: `Metrics: ${own.map(({ key, value }) => `${key} ${formatNumber(Number(value))}`).join(', ')}` });
  if (pipelineRun !== null) {
    const { cause } = pipelineRun;
    under.push({
      text: `Pipeline ${pipelineRun.pipeline}, started by ${cause.actor}${cause.note === '' ? '' : `: ${cause.note}`}${cause.event === null ? '' : ` (event ${cause.event})`}`,
    });
  }
  return [{ text: `Run ${run.id}${run.name === '' ? '' : ` "${run.name}"`}, ${run.status}, ${formatTime(run.started_at)}`, under }];
}

function ofData({ version, checks, made_by, from }: DataLineage, role: string): Branch {
  return {
    text: `Data ${role}${version.ref}, ${plural(version.files, 'file')}, ${formatBytes(version.bytes)}, ${version.status}`,
    under: [
      { text: `Digest ${version.manifest}` },
      { text: `Added ${formatTime(version.created_at)} by ${version.author}${version.message === '' ? '' : `: ${version.message}`}` },
      ...checks.map((check) => ({ text: `Check ${check.suite}: ${check.verdict} at ${formatTime(check.at)}` })),
      ...(made_by === null ? [] : [{ text: `Made by step ${made_by.step} of run ${made_by.run}: ${made_by.command}` }]),
      ...from.map((origin) => ofData(origin, 'from ')),
    ],
  };
}

function ofGate(gate: GateDecision | null): Branch {
  if (gate === null) return { text: 'Gate: none has judged it' };
  const against = gate.champion === null ? 'the majority baseline' : `version ${gate.champion}`;
  return {
    text: `Gate ${gate.gate}: ${gate.verdict} against ${against} on ${gate.evaluation}, ${formatTime(gate.at)}`,
    under: [
      ...gate.checks.map((check) => ({ text: `${check.verdict} ${check.name}: ${check.summary}` })),
      ...(gate.forced === null ? [] : [{ text: `Forced ${formatTime(gate.forced.at)} by ${gate.forced.actor}: ${gate.forced.reason}` }]),
    ],
  };
}

function ofRollout(rollout: Rollout | null): Branch {
  if (rollout === null) return { text: 'Rollout: none' };
  const ended = rollout.ended_at === null ? `step ${rollout.step} of ${rollout.steps}` : formatTime(rollout.ended_at);
  return {
    text: `Rollout ${rollout.id}: ${rollout.state.replace('_', ' ')}, ${ended}`,
    under: [{ text: `Started ${formatTime(rollout.started_at)} by ${rollout.actor}` }, { text: `Because: ${rollout.reason}` }],
  };
}

function toValue(value: string | number | boolean | null): string {
  return typeof value === 'number' ? formatNumber(value) : String(value);
}
