// Runs the snippets it reads from standard input in a real Pyodide, and writes their transcripts.
// node record.mjs <folder of the pyodide package> < {"driver": "...", "snippets": [["key", "source"], ...]}
// Ends after a snippet that killed the interpreter; whoever started it goes on with the rest.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const HANG_MS = 2000;
const ignore = () => {};
const { loadPyodide } = await import(pathToFileURL(`${process.argv[2]}/pyodide.mjs`));
const { driver, snippets } = JSON.parse(readFileSync(0, "utf8"));
const pyodide = await loadPyodide({ enableRunUntilComplete: true, stdout: ignore, stderr: ignore });
const python = pyodide.runPython("import sys; sys.version.split()[0]");
const answers = {};
const failures = {};
console.error = ignore; // a fatal error prints the whole of Pyodide's source

function end() {
  clearInterval(keepAlive);
  const facts = { pyodide: pyodide.version, python, node: process.version };
  process.stdout.write(JSON.stringify({ ...facts, answers, failures }), () => process.exit());
}

let current = "";
process.on("unhandledRejection", ignore);
process.on("uncaughtException", (error) => {
  failures[current] = String(error);
  end();
});

async function transcript(source) {
  const globals = pyodide.globals.get("dict")();
  await pyodide.runPythonAsync(driver, { globals });
  globals.set("source", source);
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("hangs")), HANG_MS));
  const run = pyodide.runPythonAsync("import json; json.dumps(await transcribe(source))", { globals });
  return JSON.parse(await Promise.race([run, late]));
}

const keepAlive = setInterval(ignore, 1000);
for (const [key, source] of snippets) {
  current = key;
  try {
    answers[key] = await transcript(source);
  } catch (error) {
    failures[key] = String(error);
    break;
  }
}
end();
