import type { App } from "../control-input";
import type { World } from "../world";
import { bodyFields, type SimulatorRequest } from "./read-request";

/**
 * Identifies the app that a call claims to come from, for faults and the log. Nothing is verified: a wrong secret or an
 * expired token still names its app.
 */
export function identifyCaller(world: World, { query, headers, body }: SimulatorRequest): App | null {
  const fields = bodyFields(body);
  const header = headers["x-acs-dingtalk-access-token"];
  const tokens = [query.get("access_token"), header];
  for (const token of tokens) {
    const held = typeof token === "string" ? world.tokens.find(token) : null;
    const app = held && world.apps.get(held.appKey);
    if (app) return app;
  }
  const keys = [
    ...["appkey", "corpid", "accessKey"].map((name) => query.get(name)),
    ...["appKey", "client_id", "suiteKey", "clientId"].map((name) => fields.get(name)),
  ];
  for (const key of keys) {
    const app = typeof key === "string" ? world.apps.get(key) : undefined;
    if (app) return app;
  }
  return null;
}
