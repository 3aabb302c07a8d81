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
import { withArchiveAddresses } from "./install.mjs";

const SCRIPTS = join(process.cwd(), "scripts");
/** What runs before anything is installed. */
const FIRST = ["bootstrap.mjs", "install.mjs", "forward-signals.mjs"];

const pathWithoutOurs = (process.env.PATH ?? "")
  .split(delimiter)
  .filter((folder) => !folder.includes("node_modules"))
  .join(delimiter);

/** The machine's own Node, which runs the very first command; ours where it has no other. */
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
if (!fs.existsSync(process.env.PRISMA_SCHEMA_ENGINE_BINARY)) throw new Error("would ask a download host");
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

/** What was called since the last time this was asked. */
function calls(): string[] {
  const path = join(root, "calls");
  const said = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
  rmSync(path, { force: true });
  return said;
}

const EVERYTHING = ["npm ci", "prisma generate", "run demo"];

test("needs nothing that is not in Node itself, in a syntax that the machine's Node reads", () => {
  const texts = FIRST.map((file) => readFileSync(join(SCRIPTS, file), "utf8"));
  const imported = texts.flatMap((text) =>
    [...text.matchAll(/^import .* from "(.*)";$/gm)].map(([, from]) => from),
  );
  expect(imported.length).toBeGreaterThan(0);
  const foreign = imported.filter((from) => !from?.startsWith("node:"));
  expect(new Set(foreign)).toEqual(new Set(["./forward-signals.mjs", "./install.mjs"]));
  for (const file of FIRST) expect(spawnSync(machinesNode, ["--check", join(SCRIPTS, file)]).status).toBe(0);
});

/** Starts the command as npm does: by a shell that hands no signal on. Also what it and its command print. */
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
])("under %s", (_, node) => {
  test("installs and generates what is missing, once, and runs the command under our Node", () => {
    expect(bootstrap(node, "demo", "--fast").status).toBe(0);
    expect(calls()).toEqual(["npm ci", "prisma generate", "run demo --fast"]);
    expect(bootstrap(node, "demo").status).toBe(0);
    expect(calls()).toEqual(["run demo"]);
  });

  test("hands on how the command ended", () => {
    expect(bootstrap(node, "fail").status).toBe(3);
  });

  test("at SIGTERM the command ends in order, and only then does this", async () => {
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

  test("the command ends in order when npm's shell is ended alone", async () => {
    const { shell, lines } = startBelowShell(node);
    const said: string[] = [];
    // The output ends with the last process that could write to it.
    for await (const line of lines) {
      said.push(line);
      if (line === "stays") shell.kill("SIGTERM");
    }
    expect(said.slice(-2)).toEqual(["stays", "ended in order"]);
  });

  test("the install ends when npm's shell is ended alone, and nothing is started", async () => {
    touch("npm-lasts");
    const { shell, lines } = startBelowShell(node);
    for await (const line of lines) if (line === "installing") shell.kill("SIGTERM");
    expect(calls()).toEqual(["npm ci"]);
  });
});

describe("archives", () => {
  const LOCKED = { name: "dingkeep", packages: { "": {}, "node_modules/zod": { version: "4.6.7" } } };
  const exists = (file: string) => existsSync(join(root, file));

  test("are fetched at the usual addresses of npm's registry, and the lock file stays as it is", () => {
    writeFileSync(join(root, "package-lock.json"), JSON.stringify(LOCKED));
    bootstrap(process.execPath, "demo");
    const installed = JSON.parse(readFileSync(join(root, "installed.json"), "utf8"));
    expect(installed.packages["node_modules/zod"].resolved).toBe(
      "https://packages.example.test/npm/zod/-/zod-4.6.7.tgz",
    );
    expect(readFileSync(join(root, "package-lock.json"), "utf8")).toBe(JSON.stringify(LOCKED));
    expect(exists("npm-shrinkwrap.json")).toBe(false);
  });

  test("are looked up in a registry that keeps them elsewhere", () => {
    touch("archives-elsewhere");
    expect(bootstrap(process.execPath, "demo").status).toBe(0);
    expect(calls()).toEqual(["npm ci", ...EVERYTHING]);
    expect(exists("npm-shrinkwrap.json")).toBe(false);
  });

  test("have the registry of their scope; what has an address, or is a folder of ours, keeps it", () => {
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

describe("what is done again", () => {
  beforeEach(() => {
    bootstrap(process.execPath, "demo");
    calls();
  });

  test("another lock file: the packages, and the client, which may be another Prisma's", () => {
    touch("package-lock.json");
    bootstrap(process.execPath, "demo");
    expect(calls()).toEqual(EVERYTHING);
  });

  test("another schema: the client alone", () => {
    touch("prisma/schema.prisma");
    bootstrap(process.execPath, "demo");
    expect(calls()).toEqual(["prisma generate", "run demo"]);
  });

  test("an install that failed or was cut short: until one works, nothing is started", () => {
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

  test("a generation that was cut short, though the schema is then put back", () => {
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
