import { fault } from '../fault/fault.ts';

/** The tag under which MLflow's clients keep a run's name: one value with the name itself. */
export const RUN_NAME_TAG = 'mlflow.runName';

/** The tag that tells what a run used a dataset for. */
export const CONTEXT_TAG = 'mlflow.data.context';

/** The tag by which MLflow's clients nest a run in another of its experiment. */
export const PARENT_TAG = 'mlflow.parentRunId';

type Texts = Readonly<Record<string, string>>;

/** A new run's name, given by itself, as the tag, or not at all. Throws `record_invalid` when both are given and differ. */
export function nameRun(name: string, tags: Texts, invent: () => string): { readonly name: string; readonly tags: Texts } {
  const tag = tags[RUN_NAME_TAG] ?? '';
  if (name !== '' && tag !== '' && name !== tag) {
    throw fault('record_invalid', {
      problem: `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${name}', mlflow.runName='${tag}').`,
    });
  }
  const chosen = name || tag || invent();
  return { name: chosen, tags: { ...tags, [RUN_NAME_TAG]: chosen } };
}

const FIRST = (
  'able adept agile amber amused apt aware bold brave breezy bright brisk calm candid casual charming cheerful clean clever coral crisp curious ' +
  'dapper daring deft eager earnest fair fearless festive fine fleet fond frank gentle glad golden grand handy happy hardy honest humble jolly keen ' +
  'kind lively lucky lush mellow merry mighty mild neat nimble noble orderly placid plucky polite proud quick quiet rapid rare ready regal robust ' +
  'rosy sage sharp shiny sleek smart smooth snug solid spry steady stout sunny swift tidy trim upbeat vivid warm whimsical wise witty zesty'
).split(' ');
const SECOND = (
  'ant auk bass bat bear bee bird boar bug calf carp cat chimp cod colt conch cow crab crane crow cub deer doe dog dolphin dove duck eel elk fawn ' +
  'finch fish flea fly foal fowl fox frog gnat gnu goat goose grouse grub gull hare hawk hen hog horse hound jay kit kite koi lamb lark loon lynx ' +
  'mare midge mink mole moose moth mouse mule newt owl ox panda perch pig pug quail ram rat ray robin roo rook seal shad shark sheep shoat shrew ' +
  'shrike shrimp skink skunk sloth slug smelt snail snake snipe sow sponge squid squirrel stag steed stoat stork swan tern toad trout turtle vole wasp ' +
  'whale wolf worm wren yak'
).split(' ');

/** A name such as `brisk-otter-313` for a run that has none. `next` is uniform in [0, 1). */
export function inventName(next: () => number): string {
  const pick = (words: readonly string[]): string => words[Math.floor(next() * words.length)] as string;
  return `${pick(FIRST)}-${pick(SECOND)}-${Math.floor(next() * 1000)}`;
}
