import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bundleProgram } from "@/lib/testing/program";
import { startSmallDingkeep } from "@/packages/client/test-support/small-dingkeep";

const run = promisify(execFile);
const GUIDE = readFileSync("docs/developers.md", "utf8");
const SECTION = GUIDE.slice(GUIDE.indexOf("## Get a token"));

/** Returns the guide's first example in a language, with its addresses replaced. */
function exampleIn(language: string, url: string, oapi = url): string {
  const [, code] = new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, "m").exec(SECTION) ?? [];
  if (code === undefined) throw new Error(`there is no example in ${language}`);
  return code.replaceAll("https://HOST", url).replaceAll("https://oapi.dingtalk.com", oapi);
}

/**
 * Replaces DingTalk's topapi paths: accepts JSON only, and refuses the first token.
 *
 * @see docs/dingtalk/errors.md#error-forms
 */
const TOPAPI = createServer((request, response) => {
  const isJson = request.headers["content-type"] === "application/json";
  const isDead = request.url?.endsWith("access_token=token-1");
  const refused = isDead ? { errcode: 88, sub_code: "40014" } : null;
  response.end(JSON.stringify(isJson ? (refused ?? { errcode: 0, result: ["华东"] }) : { errcode: 43004 }));
});

const isThere = (...command: [string, ...string[]]): boolean => {
  try {
    execFileSync(command[0], command.slice(1), { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

let server: Awaited<ReturnType<typeof startSmallDingkeep>>;
const folder = mkdtempSync(join(tmpdir(), "dingkeep-examples-"));
beforeAll(() => new Promise<void>((resolve) => TOPAPI.listen(0, "127.0.0.1", resolve)));
afterAll(() => {
  TOPAPI.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  server = await startSmallDingkeep();
});
afterEach(() => server.close());

async function output(program: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, DINGKEEP_KEY: "dk_test", APP_ID: "app" };
  return (await run(program, [...args], { cwd: folder, env })).stdout;
}

const fileOf = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

describe("the developer guide's example", () => {
  test.runIf(isThere("curl", "--version"))("the example works with curl", async () => {
    const [apps = "", token = ""] = exampleIn("sh", server.url).split("\n");
    expect(await output("sh", ["-c", apps])).toContain("apps");
    expect(await output("sh", ["-c", token])).toContain('"version":1');
  });

  test("the example works in JavaScript, which notices that DingTalk refuses a token", async () => {
    const oapi = `http://127.0.0.1:${(TOPAPI.address() as AddressInfo).port}`;
    const end = "console.log(departments, await lease.getToken());\nlease.close();";
    const example = `${exampleIn("js", server.url, oapi)}\n${end}`;
    const text = `import { DingkeepClient } from "./packages/client/src/index";\n${example}`;
    expect(await output(process.execPath, [await bundleProgram({ text })])).toBe("[ '华东' ] token-2\n");
  });

  test.runIf(isThere("python3", "--version"))("the example works in Python", async () => {
    const text = `${exampleIn("python", server.url)}\nprint(token)\n`;
    expect(await output("python3", [fileOf("example.py", text)])).toBe("token-1\n");
  });

  test.runIf(isThere("java", "-version"))("the example works in Java", async () => {
    const text = `import java.net.URI;
import java.net.http.*;
public class Example { public static void main(String[] arguments) throws Exception {
${exampleIn("java", server.url)}
System.out.println(response.body()); } }`;
    expect(await output("java", [fileOf("Example.java", text)])).toContain('"accessToken":"token-1"');
  });

  test.runIf(isThere("go", "version"))(
    "the example works in Go",
    async () => {
      const text = `package main
import ("encoding/json"; "fmt"; "log"; "net/http"; "os"; "time")
func main() {
${exampleIn("go", server.url)}
fmt.Println(token.AccessToken, err) }`;
      expect(await output("go", ["run", fileOf("example.go", text)])).toBe("token-1 <nil>\n");
      // The first run also compiles Go's standard library.
    },
    300_000,
  );
});
