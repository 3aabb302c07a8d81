import { describe, expect, test } from "vitest";
import { EVERY_CONTRACT } from "@/lib/api/every-contract";
import { SCOPES, type Scope } from "@/lib/auth/scopes";
import { isReading } from "@/lib/gateway/path-rules";
import { exampleCall } from "./example-call";

const TARGET = { origin: "https://dingkeep.example", appId: "0198c0de-0000-7000-8000-000000000001" };

const example = (scopes: readonly Scope[], pathPrefixes: readonly string[] = []) =>
  exampleCall({ scopes, pathPrefixes }, TARGET);
const pathOf = (text: string) => /https:\/\/dingkeep\.example(\S+)/.exec(text)?.[1] ?? "";

/** Returns the scopes of which the example's route requires one. */
function neededBy(path: string): readonly Scope[] | "none" {
  if (path === "/api/v1/openapi.json") return "none";
  const gatewayPath = path.split("/dingtalk/")[1];
  if (gatewayPath !== undefined)
    return isReading("POST", { host: "oapi", path: gatewayPath })
      ? ["gateway:read", "gateway:write"]
      : ["gateway:write"];
  const template = path.replace("/api/v1", "").replace(TARGET.appId, "{appId}");
  const contract = EVERY_CONTRACT.find((one) => one.method === "GET" && one.path === template);
  if (!contract) throw new Error(`no route ${path}`);
  return [contract.scope];
}

describe("exampleCall", () => {
  test.each(SCOPES)("returns a call that a key with only the scope %s may make", (scope) => {
    const needed = neededBy(pathOf(example([scope])));
    expect(needed === "none" || needed.includes(scope)).toBe(true);
  });

  test("returns the token call for a key with every scope", () => {
    expect(pathOf(example(SCOPES))).toBe(`/api/v1/apps/${TARGET.appId}/token`);
  });

  test("names the app in a gateway call", () => {
    expect(example(["gateway:read"])).toBe(
      `export DINGKEEP_KEY=…
curl -H "Authorization: Bearer $DINGKEEP_KEY" -H "dingkeep-app: ${TARGET.appId}" -H "Content-Type: application/json" \\
  https://dingkeep.example/dingtalk/topapi/v2/department/listsub -d '{"dept_id":1}'`,
    );
  });

  test("respects the key's path prefixes in the example", () => {
    expect(pathOf(example(["gateway:read"], ["topapi/v2/user/"]))).toBe("/api/v1/openapi.json");
    expect(pathOf(example(["gateway:read"], ["topapi/"]))).toBe("/dingtalk/topapi/v2/department/listsub");
  });
});
