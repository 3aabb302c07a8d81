import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { EVERY_CONTRACT } from "./every-contract";

const ROOT = "app/api/v1";
/** Routes that need no key, and files that are no route. */
const WITHOUT_KEY = /^\/(?:openapi\.json|docs(?:\/.*)?|\[\.\.\.unknown\])$/;

/** Lists the routes of the folder, as `GET /apps/{appId}`. */
function servedRoutes(): string[] {
  return readdirSync(ROOT, { recursive: true, withFileTypes: true })
    .filter(({ name }) => name === "route.ts")
    .map(({ parentPath, name }) => join(parentPath, name))
    .flatMap((path) => {
      const route = dirname(path).slice(ROOT.length);
      if (WITHOUT_KEY.test(route)) return [];
      const methods = [...readFileSync(path, "utf8").matchAll(/^export const (\w+) = defineRoute\(/gm)];
      return methods.map(([, method]) => `${method} ${route.replaceAll("[", "{").replaceAll("]", "}")}`);
    });
}

test("every route under app/api/v1 has a contract, and every contract has a route", () => {
  const named = EVERY_CONTRACT.map(({ method, path }) => `${method} ${path}`);
  expect(named.toSorted()).toEqual(servedRoutes().toSorted());
  expect(new Set(EVERY_CONTRACT.map(({ operation }) => operation)).size).toBe(named.length);
});
