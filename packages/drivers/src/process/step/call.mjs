// Calls one function of a project as a step. The call stands as JSON on standard input; see FunctionCall in core/src/ports/executor.ts. The function gets one object with its arguments.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The shell's own code for "not found": what is wrong with the call is no better at a second try. */
const NO_SUCH_CALL = 127;

const call = JSON.parse(readFileSync(0, 'utf8'));

function refuse(problem) {
  process.stderr.write(`${problem}\n`);
  process.exit(NO_SUCH_CALL);
}

function toArgument(argument) {
  if ('value' in argument) return argument.value;
  return argument.json ? JSON.parse(readFileSync(argument.path, 'utf8')) : argument.path;
}

/** What was returned goes to the JSON outputs: to the only one as it is, to several by their names. */
function deliver(result) {
  const open = Object.entries(call.outputs).filter(([, output]) => output.json);
  if (result === undefined || open.length === 0) return;
  const names = open.map(([name]) => name);
  const keys = Object.keys(result ?? {});
  const named = keys.length === names.length && names.every((name) => keys.includes(name));
  if (open.length > 1 && !named) refuse(`${call.name}() must return an object with ${names.join(', ')}`);
  for (const [name, { path }] of open) {
    const text = JSON.stringify(named ? result[name] : result);
    if (text === undefined) refuse(`what ${call.name}() returned as "${name}" is no JSON`);
    writeFileSync(path, `${text}\n`);
  }
}

const module = await import(pathToFileURL(call.file).href).catch((error) => {
  if (error?.code === 'ERR_MODULE_NOT_FOUND' && error.url === pathToFileURL(call.file).href) refuse(`there is no file ${call.file}`);
  throw error;
});
const found = module[call.name];
if (typeof found !== 'function') {
  const own = Object.keys(module).filter((name) => typeof module[name] === 'function');
  refuse(`${basename(call.file)} exports no function "${call.name}"; it exports ${own.join(', ') || 'none'}`);
}
const given = Object.fromEntries(Object.entries(call.arguments).map(([name, argument]) => [name, toArgument(argument)]));
const places = Object.fromEntries(Object.entries(call.outputs).map(([name, { path }]) => [name, path]));
try {
  deliver(await found({ ...places, ...given }));
} catch (error) {
  // The message last: the end of what a step said is what people are told first.
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line) && !line.includes(import.meta.url));
  process.stderr.write(`${[...frames, String(error)].join('\n')}\n`);
  process.exitCode = 1;
}
