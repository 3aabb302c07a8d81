import { spawn, spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withArchiveAddresses } from "./archive-addresses.mjs";

const SCRIPTS = join(process.cwd(), "scripts");
/** Files that run before anything is installed. */
const FIRST = [
  "bootstrap.mjs",
  "install-dependencies.mjs",
  "archive-addresses.mjs",
  "generate-prisma-client.mjs",
  "project-files.mjs",
  "forward-signals.mjs",
];

const pathWithoutOurs = (process.env.PATH ?? "")
  .split(delimiter)
  .filter((folder) => !folder.includes("node_modules"))
  .join(delimiter);

/** The machine's own Node, which runs the first command, or ours if the machine has none. */
const machinesNode =
  spawnSync("/usr/bin/env", ["node", "-p", "process.execPath"], {
    env: { NODE_ENV: "test", PATH: pathWithoutOurs },
    encoding: "utf8",
  }).stdout.trim() || process.execPath;

const FAKE_NPM = `#!/bin/sh
[ "$1" = config ] && echo '{"registry":"https://packages.example.test/npm/"}' && exit 0
echo "npm $1" >> calls
[ -f npm-shrinkwrap.json ] && cp npm-shrinkwrap.json installed.json
[ -f npm-shrinkwrap.json ] && [ -f archives-elsewhere ] && exit 1
[ -f npm-fails ] && exit 1
[ -f npm-lasts ] && echo installing && exec sleep 60
rm -rf node_modules && mkdir -p node_modules/.bin node_modules/prisma/build
ln -s "${process.execPath}" node_modules/.bin/node
cp fake-prisma.js node_modules/prisma/build/index.js
`;
const FAKE_PRISMA = `
const fs = require("node:fs");
fs.appendFileSync("calls", "prisma " + process.argv[2] + "\\n");
if (!fs.existsSync(process.env.PRISMA_SCHEMA_ENGINE_BINARY)) throw new Error("would download an engine");
if (fs.existsSync("prisma-fails")) throw new Error("wrong schema");
`;
const FAKE_RUN = `
import { appendFileSync } from "node:fs";
appendFileSync("calls", "run " + process.argv.slice(2).join(" ") + "\\n");
if (Number(process.versions.node.split(".")[0]) < 24) throw new Error("under an old Node");
if (process.argv[2] === "fail") process.exit(3);
if (process.argv[2] === "stay") {
  process.on("SIGTERM", () => { console.log("ended in order"); process.exit(0); });
  setTimeout(() => {}, 60_000);
  console.log("stays");
}
`;

let root: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "dingkeep-bootstrap-"));
  for (const folder of ["scripts", "prisma", "bin"]) mkdirSync(join(root, folder));
  for (const file of FIRST) cpSync(join(SCRIPTS, file), join(root, "scripts", file));
  writeFileSync(join(root, "scripts", "run.mjs"), FAKE_RUN);
  writeFileSync(join(root, "package-lock.json"), "{}");
  writeFileSync(join(root, "prisma", "schema.prisma"), "");
  writeFileSync(join(root, "fake-prisma.js"), FAKE_PRISMA);
  writeFileSync(join(root, "bin", "npm"), FAKE_NPM, { mode: 0o755 });
  env = { NODE_ENV: "test", PATH: `${join(root, "bin")}${delimiter}${pathWithoutOurs}` };
});

afterEach(() => rmSync(root, { recursive: true }));

const bootstrap = (node: string, ...args: string[]) =>
  spawnSync(node, ["scripts/bootstrap.mjs", ...args], { cwd: root, env, encoding: "utf8" });

const touch = (file: string, text = " ") => appendFileSync(join(root, file), text);

/** Returns the calls since the last time. */
function calls(): string[] {
  const path = join(root, "calls");
  const said = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
  rmSync(path, { force: true });
  return said;
}

const EVERYTHING = ["npm ci", "prisma generate", "run demo"];

test("needs nothing beyond Node itself, and uses syntax that the machine's Node supports", () => {
  const texts = FIRST.map((file) => readFileSync(join(SCRIPTS, file), "utf8"));
  const imported = texts.flatMap((text) =>
    [...text.matchAll(/^import .* from "(.*)";$/gm)].map(([, from]) => from),
  );
  expect(imported.length).toBeGreaterThan(0);
  const foreign = imported.filter((from) => !from?.startsWith("node:"));
  expect(foreign.filter((from) => !FIRST.some((file) => from === `./${file}`))).toEqual([]);
  for (const file of FIRST) expect(spawnSync(machinesNode, ["--check", join(SCRIPTS, file)]).status).toBe(0);
});

/** Starts the command as npm does: in a shell that passes no signal on. Also returns the output of both. */
function startBelowShell(node: string) {
  const shell = spawn("/bin/sh", ["-c", `"${node}" scripts/bootstrap.mjs stay; true`], {
    cwd: root,
    env: { ...env, npm_lifecycle_event: "demo" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { shell, lines: createInterface({ input: shell.stdout }) };
}

describe.each([
  ["the machine's Node", machinesNode],
  ["our Node", process.execPath],
])("bootstrap under %s", (_, node) => {
  test("installs and generates what is missing, once, and runs the command with our Node", () => {
    expect(bootstrap(node, "demo", "--fast").status).toBe(0);
    expect(calls()).toEqual(["npm ci", "prisma generate", "run demo --fast"]);
    expect(bootstrap(node, "demo").status).toBe(0);
    expect(calls()).toEqual(["run demo"]);
  });

  test("passes the command's exit code on", () => {
    expect(bootstrap(node, "fail").status).toBe(3);
  });

  test("at SIGTERM, waits until the command has stopped in order", async () => {
    const child = spawn(node, ["scripts/bootstrap.mjs", "stay"], {
      cwd: root,
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      said.push(line);
      if (line === "stays") child.kill("SIGTERM");
    }
    expect(said.slice(-2)).toEqual(["stays", "ended in order"]);
  });

  test("stops the command in order when only npm's shell is ended", async () => {
    const { shell, lines } = startBelowShell(node);
    const said: string[] = [];
    // The output ends with the last process that can write to it.
    for await (const line of lines) {
      said.push(line);
      if (line === "stays") shell.kill("SIGTERM");
    }
    expect(said.slice(-2)).toEqual(["stays", "ended in order"]);
  });

  test("stops the installation when only npm's shell is ended, and starts nothing", async () => {
    touch("npm-lasts");
    const { shell, lines } = startBelowShell(node);
    for await (const line of lines) if (line === "installing") shell.kill("SIGTERM");
    expect(calls()).toEqual(["npm ci"]);
  });
});

describe("archives of packages", () => {
  const LOCKED = { name: "dingkeep", packages: { "": {}, "node_modules/zod": { version: "4.6.7" } } };
  const exists = (file: string) => existsSync(join(root, file));

  test("fetches archives from the usual addresses of npm's registry, without changing the lock file", () => {
    writeFileSync(join(root, "package-lock.json"), JSON.stringify(LOCKED));
    bootstrap(process.execPath, "demo");
    const installed = JSON.parse(readFileSync(join(root, "installed.json"), "utf8"));
    expect(installed.packages["node_modules/zod"].resolved).toBe(
      "https://packages.example.test/npm/zod/-/zod-4.6.7.tgz",
    );
    expect(readFileSync(join(root, "package-lock.json"), "utf8")).toBe(JSON.stringify(LOCKED));
    expect(exists("npm-shrinkwrap.json")).toBe(false);
  });

  test("looks archives up in a registry that keeps them elsewhere", () => {
    touch("archives-elsewhere");
    expect(bootstrap(process.execPath, "demo").status).toBe(0);
    expect(calls()).toEqual(["npm ci", ...EVERYTHING]);
    expect(exists("npm-shrinkwrap.json")).toBe(false);
  });

  test("takes archives from the registry of their scope, unless they have an address or are a local folder", () => {
    const settings = { registry: "https://a.test/npm", "@own:registry": "https://b.test/" };
    const packages = {
      "": { name: "dingkeep", version: "0.0.0" },
      "node_modules/x/node_modules/@own/y": { version: "2.0.0-beta.1" },
      "node_modules/alias": { name: "real", version: "1.0.0" },
      "node_modules/given": { version: "1.0.0", resolved: "https://c.test/given.tgz" },
      "node_modules/linked": { link: true, resolved: "packages/linked" },
    };
    const resolved = Object.entries(withArchiveAddresses({ packages }, settings).packages).map(
      ([path, entry]) => [path, (entry as { resolved?: string }).resolved],
    );
    expect(Object.fromEntries(resolved)).toEqual({
      "": undefined,
      "node_modules/x/node_modules/@own/y": "https://b.test/@own/y/-/y-2.0.0-beta.1.tgz",
      "node_modules/alias": "https://a.test/npm/real/-/real-1.0.0.tgz",
      "node_modules/given": "https://c.test/given.tgz",
      "node_modules/linked": "packages/linked",
    });
  });
});

describe("repeated steps", () => {
  beforeEach(() => {
    bootstrap(process.execPath, "demo");
    calls();
  });

  test("a changed lock file installs packages and generates the client, whose Prisma may have changed", () => {
    touch("package-lock.json");
    bootstrap(process.execPath, "demo");
    expect(calls()).toEqual(EVERYTHING);
  });

  test("a changed schema only generates the client", () => {
    touch("prisma/schema.prisma");
    bootstrap(process.execPath, "demo");
    expect(calls()).toEqual(["prisma generate", "run demo"]);
  });

  test("nothing starts after a failed or interrupted installation, until one succeeds", () => {
    touch("package-lock.json");
    touch("npm-fails");
    const failed = bootstrap(process.execPath, "demo");
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain("npm ci failed");
    expect(calls()).toEqual(["npm ci", "npm ci"]);
    rmSync(join(root, "npm-fails"));
    bootstrap(process.execPath, "demo");
    expect(calls()).toEqual(EVERYTHING);
  });

  test("an interrupted generation is repeated, even if the schema is changed back", () => {
    touch("prisma/schema.prisma");
    touch("prisma-fails");
    const failed = bootstrap(process.execPath, "demo");
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain("wrong schema");
    expect(calls()).toEqual(["prisma generate"]);
    rmSync(join(root, "prisma-fails"));
    writeFileSync(join(root, "prisma", "schema.prisma"), "");
    bootstrap(process.execPath, "demo");
    expect(calls()).toEqual(["prisma generate", "run demo"]);
  });
});
