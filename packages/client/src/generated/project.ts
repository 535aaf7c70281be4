// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { JsonValue } from '@pawl/core';
import type { CallOptions, Send } from '../request.ts';

export interface ProjectApplyInput {
  readonly project: {
    readonly name: string;
    /** Folder of the project on the worker's machine. */
    readonly root: string;
    readonly parts: {
      readonly checks?:
        | readonly {
            readonly name: string;
            readonly dataset: string;
            readonly expectations: readonly {
              /** Great Expectations' name, such as expect_column_values_to_be_between. */
              readonly type:
                | 'expect_column_values_to_not_be_null'
                | 'expect_column_values_to_be_null'
                | 'expect_column_values_to_be_between'
                | 'expect_column_values_to_be_in_set'
                | 'expect_column_values_to_not_be_in_set'
                | 'expect_column_values_to_match_regex'
                | 'expect_column_values_to_not_match_regex'
                | 'expect_column_values_to_match_regex_list'
                | 'expect_column_values_to_not_match_regex_list'
                | 'expect_column_values_to_match_like_pattern'
                | 'expect_column_values_to_not_match_like_pattern'
                | 'expect_column_values_to_match_like_pattern_list'
                | 'expect_column_values_to_not_match_like_pattern_list'
                | 'expect_column_values_to_match_strftime_format'
                | 'expect_column_values_to_be_dateutil_parseable'
                | 'expect_column_values_to_be_json_parseable'
                | 'expect_column_values_to_match_json_schema'
                | 'expect_column_value_lengths_to_be_between'
                | 'expect_column_value_lengths_to_equal'
                | 'expect_column_pair_values_to_be_equal'
                | 'expect_column_pair_values_a_to_be_greater_than_b'
                | 'expect_column_pair_values_to_be_in_set'
                | 'expect_select_column_values_to_be_unique_within_record'
                | 'expect_multicolumn_values_to_be_unique'
                | 'expect_multicolumn_values_to_be_equal'
                | 'expect_multicolumn_sum_to_equal'
                | 'expect_compound_columns_to_be_unique'
                | 'expect_column_values_to_be_unique'
                | 'expect_column_values_to_be_increasing'
                | 'expect_column_values_to_be_decreasing'
                | 'expect_column_value_z_scores_to_be_less_than'
                | 'expect_column_values_to_not_be_outliers'
                | 'expect_column_values_to_be_in_other_table'
                | 'expect_column_min_to_be_between'
                | 'expect_column_max_to_be_between'
                | 'expect_column_mean_to_be_between'
                | 'expect_column_median_to_be_between'
                | 'expect_column_sum_to_be_between'
                | 'expect_column_stdev_to_be_between'
                | 'expect_column_unique_value_count_to_be_between'
                | 'expect_column_proportion_of_unique_values_to_be_between'
                | 'expect_column_proportion_of_non_null_values_to_be_between'
                | 'expect_column_distinct_values_to_be_in_set'
                | 'expect_column_distinct_values_to_contain_set'
                | 'expect_column_distinct_values_to_equal_set'
                | 'expect_column_most_common_value_to_be_in_set'
                | 'expect_column_quantile_values_to_be_between'
                | 'expect_column_kl_divergence_to_be_less_than'
                | 'expect_column_chisquare_test_p_value_to_be_greater_than'
                | 'expect_column_pair_cramers_phi_value_to_be_less_than'
                | 'expect_column_distribution_to_match_other_table'
                | 'expect_column_max_to_be_fresh'
                | 'expect_column_values_to_be_of_type'
                | 'expect_column_type_to_be'
                | 'expect_column_values_to_be_in_type_list'
                | 'expect_table_row_count_to_be_between'
                | 'expect_table_row_count_to_equal'
                | 'expect_table_row_count_to_equal_other_table'
                | 'expect_table_column_count_to_be_between'
                | 'expect_table_column_count_to_equal'
                | 'expect_column_to_exist'
                | 'expect_table_columns_to_match_ordered_list'
                | 'expect_table_columns_to_match_set'
                | 'unexpected_rows_expectation';
              /** Its arguments, such as column, min_value, mostly, row_condition. */
              readonly kwargs?: Readonly<Record<string, JsonValue>> | undefined;
              /** Only critical expectations fail the suite. */
              readonly severity?: 'critical' | 'warning' | 'info' | undefined;
              /** Asked in these environments only. */
              readonly environments?: readonly string[] | undefined;
            }[];
            /** Where the data is used, such as training and serving. */
            readonly environments?:
              | Readonly<
                  Record<
                    string,
                    {
                      /** Columns that are not there, such as the label. */
                      readonly without?: readonly string[] | undefined;
                    }
                  >
                >
              | undefined;
            /** Judges each new version of the dataset by itself, before anything learns from it. */
            readonly automatic?: boolean | undefined;
          }[]
        | undefined;
      readonly features?:
        | readonly {
            readonly name: string;
            /** Column with the entity key, in the dataset and in requests. */
            readonly entity: string;
            readonly dataset: string;
            /** Column that identifies a row. */
            readonly id: string;
            readonly streams: Readonly<
              Record<
                string,
                {
                  /** Column with the time (epoch ms) an event counts from. */
                  readonly time: string;
                  /** Boolean column that must be true. */
                  readonly where?: string | undefined;
                }
              >
            >;
            readonly features: Readonly<
              Record<
                string,
                {
                  readonly aggregate: 'count';
                  readonly stream: string;
                  readonly window: string;
                }
              >
            >;
          }[]
        | undefined;
      readonly pipelines?:
        | readonly {
            readonly name: string;
            readonly experiment?: string | undefined;
            readonly params?:
              | Readonly<
                  Record<
                    string,
                    | string
                    | number
                    | boolean
                    | {
                        readonly type?: 'string' | 'int' | 'float' | 'bool' | 'json' | undefined;
                        /** Without one, each run must give a value. */
                        readonly default?:
                          | (string | number | boolean | null | readonly unknown[] | Readonly<Record<string, unknown>>)
                          | undefined;
                        /** The only values it may have. */
                        readonly choices?:
                          | readonly (string | number | boolean | null | readonly unknown[] | Readonly<Record<string, unknown>>)[]
                          | undefined;
                        readonly description?: string | undefined;
                      }
                  >
                >
              | undefined;
            readonly steps: Readonly<
              Record<
                string,
                {
                  /** A command, as in an npm script. It finds its inputs and outputs in PAWL_INPUT_<NAME> and PAWL_OUTPUT_<NAME>. */
                  readonly run?: string | undefined;
                  /** Instead of a command: a function, FILE.py:FUNCTION or FILE.ts:FUNCTION. Its parameters are the inputs, params and outputs of the step. */
                  readonly uses?: string | undefined;
                  /** The packages that it runs with; made once, and shared by all steps that ask for the same. */
                  readonly python?:
                    | {
                        /** A requirements file, or its lines. */
                        readonly requirements?: (string | readonly string[]) | undefined;
                        /** A file of pinned requirements. */
                        readonly lock?: string | undefined;
                        /** A conda file or python_env.yaml; its pip part is installed. */
                        readonly conda?: string | undefined;
                        /** Version of Python, such as '3.11'. Default: that of python3 on the PATH. */
                        readonly version?: string | number | undefined;
                      }
                    | undefined;
                  /** What it may use of the machine. */
                  readonly resources?:
                    | {
                        /** Processors that its libraries are told to use. */
                        readonly cpu?: number | undefined;
                        /** Most memory of all its processes, such as 2GB; more ends it. */
                        readonly memory?: (number | string) | undefined;
                        /** GPUs it gets to itself; 0: it sees none. */
                        readonly gpu?: number | undefined;
                      }
                    | undefined;
                  /** Instead of a command: a person decides whether what waits for it goes on. */
                  readonly approve?: string | undefined;
                  readonly inputs?: Readonly<Record<string, string>> | undefined;
                  readonly outputs?:
                    | Readonly<
                        Record<
                          string,
                          {
                            /** One file of this name. */
                            readonly file?: string | undefined;
                            readonly folder?: string | undefined;
                            /** A JSON file whose numbers join the run. */
                            readonly metrics?: string | undefined;
                            /** A folder with MLmodel. */
                            readonly model?: string | undefined;
                            /** A file with one JSON value, for conditions and fan-outs. */
                            readonly json?: string | undefined;
                            readonly dataset?: string | undefined;
                          }
                        >
                      >
                    | undefined;
                  /** Parameters of the pipeline that it reads. */
                  readonly params?: readonly string[] | undefined;
                  /** Files whose content is its code: a change runs it again. */
                  readonly code?: readonly string[] | undefined;
                  /** Steps that must have ended well before. */
                  readonly after?: readonly string[] | undefined;
                  /** An expression; false skips the step. */
                  readonly if?: (string | boolean) | undefined;
                  /** Runs once for each element of a list. */
                  readonly foreach?:
                    | (
                        | string
                        | readonly (string | number | boolean | null | readonly unknown[] | Readonly<Record<string, unknown>>)[]
                        | {
                            /** The elements, or an expression that gives a list. */
                            readonly in:
                              | string
                              | readonly (string | number | boolean | null | readonly unknown[] | Readonly<Record<string, unknown>>)[];
                            /** Most elements at the same time; 0: no limit of its own. */
                            readonly parallelism?: number | undefined;
                          }
                      )
                    | undefined;
                  /** Runs when its upstreams have ended, however they did; also-canceled: even in a run that was canceled. */
                  readonly always?: (boolean | 'also-canceled') | undefined;
                  readonly retries?:
                    | (
                        | number
                        | {
                            readonly limit: number;
                            readonly base?: string | undefined;
                            readonly max?: string | undefined;
                          }
                      )
                    | undefined;
                  readonly timeout?: string | undefined;
                  /** false for a step that reads the outside world; a length of time for how old a result may be. */
                  readonly cache?: (boolean | string) | undefined;
                  /** At most so many tasks of this pool at the same time, over all runs. */
                  readonly pool?:
                    | {
                        readonly name: string;
                        readonly slots: number;
                      }
                    | undefined;
                  /** A higher one is started earlier. */
                  readonly priority?: number | undefined;
                  /** Environment variables with the name of the secret each holds. */
                  readonly secrets?: (readonly string[] | Readonly<Record<string, string>>) | undefined;
                }
              >
            >;
            readonly timeout?: string | undefined;
            readonly triggers?:
              | readonly {
                  readonly name: string;
                  /** What it waits for: exactly one. */
                  readonly on: {
                    /** A clock. */
                    readonly schedule?:
                      | {
                          /** Five fields: minute hour day month weekday; six with seconds first. */
                          readonly cron?: string | undefined;
                          readonly every?: string | undefined;
                          /** IANA name, such as Europe/Berlin. */
                          readonly timezone?: string | undefined;
                          readonly jitter?: string | undefined;
                          readonly start?: string | undefined;
                          readonly end?: string | undefined;
                          /** What is made up for after downtime. */
                          readonly catchup?: 'all' | 'latest' | 'none' | undefined;
                          /** Most runs that `catchup: all` makes up for. */
                          readonly limit?: number | undefined;
                        }
                      | undefined;
                    /** A firing alert of this monitor. */
                    readonly alert?:
                      | {
                          readonly monitor: string;
                          readonly kinds?: readonly ('drift' | 'quality')[] | undefined;
                        }
                      | undefined;
                    /** New versions of datasets. */
                    readonly datasets?:
                      | {
                          readonly any?: readonly string[] | undefined;
                          readonly all?: readonly string[] | undefined;
                        }
                      | undefined;
                    /** So many labels of an endpoint since the last time. */
                    readonly labels?:
                      | {
                          readonly endpoint: string;
                          readonly count: number;
                        }
                      | undefined;
                    /** A version that reaches a stage or an alias. */
                    readonly model?:
                      | {
                          readonly model: string;
                          readonly stage?: 'Staging' | 'Production' | 'Archived' | undefined;
                          readonly alias?: string | undefined;
                        }
                      | undefined;
                    /** Another pipeline's end. */
                    readonly pipeline?:
                      | {
                          readonly pipeline: string;
                          readonly states?: readonly ('succeeded' | 'failed' | 'canceled')[] | undefined;
                        }
                      | undefined;
                    /** A signed message from outside. */
                    readonly webhook?:
                      | {
                          readonly format?: 'cloudevents' | 'github' | 'gitlab' | undefined;
                          readonly tolerance?: string | undefined;
                        }
                      | undefined;
                    /** A file that comes to a folder. */
                    readonly file?:
                      | {
                          /** On the server's machine; relative to the project. */
                          readonly folder: string;
                          /** Of the file name; * stands for any characters. */
                          readonly pattern?: string | undefined;
                          readonly stable?: string | undefined;
                        }
                      | undefined;
                    /** Only "pawl pipeline fire NAME". */
                    readonly manual?: Readonly<Record<string, never>> | undefined;
                  };
                  /** Values that fields of the event must have; * stands for any characters. */
                  readonly filter?:
                    | Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[]>>
                    | undefined;
                  /** Events of one key within the window are one. */
                  readonly dedupe?:
                    | {
                        readonly key?: string | undefined;
                        readonly window?: string | undefined;
                      }
                    | undefined;
                  /** Events of one value are decided on by themselves. */
                  readonly group?: string | undefined;
                  /** Whether what waits becomes one run, or each event its own. */
                  readonly merge?: boolean | undefined;
                  /** Starts once nothing came for `quiet`, at the latest `max_wait` after the first. */
                  readonly debounce?:
                    | {
                        readonly quiet: string;
                        readonly max_wait?: string | undefined;
                      }
                    | undefined;
                  readonly cooldown?: string | undefined;
                  readonly concurrency?:
                    | {
                        /** Runs of the pipeline at once. */
                        readonly max_active?: number | undefined;
                        /** What is done with more. */
                        readonly policy?: 'queue' | 'skip' | 'replace' | undefined;
                      }
                    | undefined;
                  /** Most runs within 24 hours. */
                  readonly budget?: number | undefined;
                  /** Parameters of its runs; {{event.data.NAME}} takes from the event. */
                  readonly params?: Readonly<Record<string, string | number | boolean>> | undefined;
                }[]
              | undefined;
          }[]
        | undefined;
      readonly gates?:
        | readonly {
            readonly name: string;
            readonly model: string;
            /** Boolean column of the evaluation data with the truth. */
            readonly label: string;
            /** Largest loss of accuracy that still counts as no worse. */
            readonly margin?: (number | string) | undefined;
            /** One-sided error of each test. */
            readonly alpha?: number | undefined;
            readonly floors?:
              | {
                  /** A share: 0.1 or 10%. */
                  readonly f1?: (number | string) | undefined;
                  /** A share: 0.1 or 10%. */
                  readonly max_false_positive_rate?: (number | string) | undefined;
                }
              | undefined;
            /** Share of the majority class's error that a first model must remove. */
            readonly baseline_improvement?: (number | string) | undefined;
          }[]
        | undefined;
      readonly registry?:
        | readonly {
            readonly model: string;
            /** Stages that a version enters only when an approver grants it. */
            readonly approvals?:
              | {
                  readonly Staging?:
                    | {
                        /** Who approves. */
                        readonly by: readonly string[];
                        /** Whether somebody else than the requester must. */
                        readonly four_eyes?: boolean | undefined;
                        readonly expires?: string | undefined;
                      }
                    | undefined;
                  readonly Production?:
                    | {
                        /** Who approves. */
                        readonly by: readonly string[];
                        /** Whether somebody else than the requester must. */
                        readonly four_eyes?: boolean | undefined;
                        readonly expires?: string | undefined;
                      }
                    | undefined;
                  readonly Archived?:
                    | {
                        /** Who approves. */
                        readonly by: readonly string[];
                        /** Whether somebody else than the requester must. */
                        readonly four_eyes?: boolean | undefined;
                        readonly expires?: string | undefined;
                      }
                    | undefined;
                }
              | undefined;
            /** Aliases, in any case, that mean what is in Production and follow its rules. */
            readonly aliases?: readonly string[] | undefined;
            /** Who may overrule the gate, with a reason. */
            readonly force?: readonly string[] | undefined;
            /** Versions in Production at once. */
            readonly max_in_production?: number | undefined;
          }[]
        | undefined;
      readonly rollouts?:
        | readonly {
            readonly name: string;
            readonly endpoint: string;
            readonly model: string;
            /** Starts by itself when a gate passes. */
            readonly automatic?: boolean | undefined;
            /** Chance to roll a healthy candidate back, over the whole rollout. */
            readonly alpha?: number | undefined;
            readonly steps: readonly {
              /** A share: 0.1 or 10%. */
              readonly weight: number | string;
              /** Candidate requests in evidence before the step may end. */
              readonly min_requests?: number | undefined;
              readonly min_time?: string | undefined;
              /** not_worse: go on unless harm is proven. fine: go on when every required guard is proven no worse. */
              readonly require?: 'not_worse' | 'fine' | undefined;
            }[];
            readonly guards: readonly {
              readonly metric: 'failures' | 'slow' | 'wrong';
              readonly slo?: string | undefined;
              /** Ratio of event rates that harm must exceed. */
              readonly tolerance?: number | undefined;
              /** Ratio of event rates that a promotion must exclude. */
              readonly no_worse_than?: number | undefined;
              /** Absolute rate that also proves no worse. */
              readonly margin?: (number | string) | undefined;
              readonly required?: boolean | undefined;
            }[];
            readonly max_step?: string | undefined;
            readonly on_timeout?: 'hold' | 'rollback' | 'promote' | undefined;
          }[]
        | undefined;
      readonly monitors?:
        | readonly {
            readonly name: string;
            readonly endpoint: string;
            readonly bucket?: string | undefined;
            readonly window?: string | undefined;
            /** Fewer rows give no verdict. */
            readonly min_rows?: number | undefined;
            readonly drift?:
              | {
                  /** Columns watched; empty: every numeric input. */
                  readonly features?: readonly string[] | undefined;
                  /** Largest change, as PSI, of no interest. */
                  readonly delta?: number | undefined;
                  /** False-discovery rate over the features of a window. */
                  readonly q?: number | undefined;
                  readonly flags?: number | undefined;
                  readonly of?: number | undefined;
                }
              | undefined;
            readonly quality?:
              | {
                  readonly adwin_delta?: number | undefined;
                  /** A share: 0.1 or 10%. */
                  readonly max_error_rate?: (number | string) | undefined;
                  /** A share: 0.1 or 10%. */
                  readonly max_false_positive_rate?: (number | string) | undefined;
                }
              | undefined;
            readonly webhook?: string | undefined;
          }[]
        | undefined;
    };
  };
  /** Only tell. */
  readonly dry_run?: boolean | undefined;
}

export interface ProjectApply {
  readonly changes: readonly {
    readonly noun: 'check' | 'feature' | 'pipeline' | 'trigger' | 'gate' | 'registry' | 'rollout' | 'monitor';
    readonly name: string;
    readonly change: 'created' | 'changed' | 'unchanged';
  }[];
}

export interface ProjectClient {
  /** Makes the server match the files of a project, and tells what it changed. What they no longer name stays. */
  apply(input: ProjectApplyInput, options?: CallOptions): Promise<ProjectApply>;
}

export function createProjectClient(send: Send): ProjectClient {
  return {
    apply: (body, options) => send({ method: 'POST', path: '/apply', body, options }),
  };
}
