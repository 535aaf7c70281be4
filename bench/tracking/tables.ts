/** Where the two servers keep runs and what is logged to them, as their own writes leave it. */
export type Kind = 'pawl' | 'mlflow';

type Value = string | number | boolean | null;

export interface Table<Item> {
  readonly name: string;
  /** PostgreSQL's type of each. */
  readonly columns: Readonly<Record<string, string>>;
  /** The values of the columns, in their order. */
  readonly row: (item: Item) => readonly Value[];
}

interface Run {
  readonly n: number;
  readonly id: string;
  readonly name: string;
  readonly started: number;
}

interface Text {
  readonly n: number;
  readonly id: string;
  readonly key: string;
  readonly value: string;
}

export interface Point {
  readonly n: number;
  readonly id: string;
  readonly key: string;
  readonly step: number;
  readonly time: number;
  readonly value: number;
}

export interface Tables {
  readonly run: Table<Run>;
  readonly param: Table<Text>;
  readonly tag: Table<Text>;
  readonly point: Table<Point>;
  readonly latest: Table<Point>;
}

/** @param first what Pawl counts the runs from */
export function tables(kind: Kind, experiment: number, first: number): Tables {
  const artifacts = (id: string): string => `mlflow-artifacts:/${experiment}/${id}/artifacts`;
  if (kind === 'pawl') {
    const text = (name: string): Table<Text> => ({
      name,
      columns: { run: 'bigint', key: 'text', experiment: 'bigint', value: 'text' },
      row: ({ n, key, value }) => [first + n, key, experiment, value],
    });
    return {
      run: {
        name: 'run',
        columns: {
          id: 'text',
          number: 'bigint',
          experiment: 'bigint',
          name: 'text',
          status: 'text',
          started_at: 'bigint',
          ended_at: 'bigint',
          environment: 'text',
          artifact_uri: 'text',
        },
        row: ({ n, id, name, started }) => [id, first + n, experiment, name, 'finished', started, started + 1000, '{}', artifacts(id)],
      },
      param: text('run_param'),
      tag: text('run_tag'),
      point: {
        name: 'run_metric',
        columns: { run: 'text', key: 'text', step: 'bigint', time: 'bigint', value: 'double precision', nan: 'bigint' },
        row: ({ id, key, step, time, value }) => [id, key, step, time, value, 0],
      },
      latest: {
        name: 'run_latest',
        columns: {
          run: 'bigint',
          key: 'text',
          experiment: 'bigint',
          step: 'bigint',
          time: 'bigint',
          value: 'double precision',
          nan: 'bigint',
          least: 'double precision',
          greatest: 'double precision',
        },
        row: ({ n, key, step, time, value }) => [first + n, key, experiment, step, time, value, 0, value, value],
      },
    };
  }
  const text = (name: string): Table<Text> => ({
    name,
    columns: { run_uuid: 'text', key: 'text', value: 'text' },
    row: ({ id, key, value }) => [id, key, value],
  });
  const point = (name: string): Table<Point> => ({
    name,
    columns: { run_uuid: 'text', key: 'text', step: 'bigint', timestamp: 'bigint', value: 'double precision', is_nan: 'boolean' },
    row: ({ id, key, step, time, value }) => [id, key, step, time, value, false],
  });
  return {
    run: {
      name: 'runs',
      columns: {
        run_uuid: 'text',
        name: 'text',
        source_type: 'text',
        source_name: 'text',
        entry_point_name: 'text',
        user_id: 'text',
        status: 'text',
        start_time: 'bigint',
        end_time: 'bigint',
        source_version: 'text',
        lifecycle_stage: 'text',
        artifact_uri: 'text',
        experiment_id: 'integer',
      },
      row: ({ id, name, started }) => [
        id,
        name,
        'UNKNOWN',
        '',
        '',
        'ann',
        'FINISHED',
        started,
        started + 1000,
        '',
        'active',
        artifacts(id),
        experiment,
      ],
    },
    param: text('params'),
    tag: text('tags'),
    point: point('metrics'),
    latest: point('latest_metrics'),
  };
}
