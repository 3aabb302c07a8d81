import { z } from "zod";
import type { Control } from "./control";
import { directoryChange } from "./control-input";
import type { Route } from "./control-route";
import { EVENT_ROUTES } from "./events/event-routes";
import { toExactJson } from "./exact-json";
import type { Answer } from "./gateway/answer";
import type { SimulatorRequest } from "./gateway/read-request";
import { ControlError } from "./organization/directory";
import { ROBOT_ROUTES } from "./robot/robot-routes";
import { STREAM_ROUTES } from "./stream/stream-routes";

const changesInput = z.strictObject({ changes: z.array(z.unknown()) });
const advanceInput = z.strictObject({
  ms: z.number().int(),
  /** True to wait for the result of each push that becomes due. */
  waits: z.boolean().default(false),
});

/** Routes of the control. A `:` marks a variable part of the path. */
const ROUTES: Readonly<Record<string, Route>> = {
  "GET organizations": ({ control }) => control.listOrganizations(),
  "POST organizations": ({ control, body }) => control.addOrganization(body),
  "GET organizations/:": ({ control, parts: [corpId = ""] }) => control.getOrganization(corpId),
  "PATCH organizations/:": ({ control, parts: [corpId = ""], body }) => control.setOrganization(corpId, body),
  "DELETE organizations/:": ({ control, parts: [corpId = ""] }) => control.removeOrganization(corpId),
  "POST organizations/:/reset": ({ control, parts: [corpId = ""] }) => control.resetOrganization(corpId),
  "POST organizations/:/changes": ({ control, parts: [corpId = ""], body }) => {
    // Parses all changes before making any, so that an invalid one leaves the directory unchanged.
    const changes = changesInput.parse(body).changes.map((change) => directoryChange.parse(change));
    return { results: control.changeDirectory(corpId, changes) };
  },
  "POST organizations/:/churn": ({ control, parts: [corpId = ""], body }) => ({
    changes: control.churn(corpId, body),
  }),
  "GET organizations/:/departments": ({ control, parts: [corpId = ""] }) => control.listDepartments(corpId),
  "GET organizations/:/departments/:/members": ({ control, parts: [corpId = "", deptId] }) =>
    control.listMembers(corpId, Number(deptId)),
  "GET organizations/:/people/:": ({ control, parts: [corpId = "", userid = ""] }) =>
    control.findPerson(corpId, userid),
  "GET apps": ({ control }) => control.listApps(),
  "POST apps": ({ control, body }) => control.addApp(body),
  "PATCH apps/:": ({ control, parts: [appKey = ""], body }) => control.changeApp(appKey, body),
  "DELETE apps/:": ({ control, parts: [appKey = ""] }) => control.removeApp(appKey),
  "DELETE apps/:/tokens": ({ control, parts: [appKey = ""] }) => control.revokeTokens(appKey),
  "DELETE tokens": ({ control }) => control.revokeTokens(),
  "GET settings": ({ control }) => control.readSettings(),
  "PATCH settings": ({ control, body }) => control.setSettings(body),
  "DELETE settings": ({ control }) => control.resetSettings(),
  "GET limits": ({ control }) => control.readLimits(),
  "PATCH limits": ({ control, body }) => control.setLimits(body),
  "DELETE limits": ({ control }) => control.resetLimits(),
  "GET faults": ({ control }) => control.listFaults(),
  "POST faults": ({ control, body }) => ({ id: control.addFault(body) }),
  "DELETE faults": ({ control }) => control.clearFaults(),
  "DELETE faults/:": ({ control, parts: [id] }) => control.removeFault(Number(id)),
  "POST reset": ({ control }) => control.reset(),
  "GET clock": ({ control }) => ({ now: control.now() }),
  "POST clock": async ({ control, body }) => {
    const { ms, waits } = advanceInput.parse(body);
    return { now: waits ? await control.passTime(ms) : control.advanceClock(ms) };
  },
  "GET calls": ({ control, query }) => control.readCalls(filterOf(query), callsMaxOf(query)),
  "DELETE calls": ({ control }) => control.clearCalls(),
  ...EVENT_ROUTES,
  ...STREAM_ROUTES,
  ...ROBOT_ROUTES,
};

/**
 * Answers `/_control/…`: 200 with JSON, 400 for invalid input, 404 for an unknown route, 409 for an impossible request.
 */
export async function serveControl(control: Control, request: SimulatorRequest): Promise<Answer> {
  const segments = request.path.slice("_control/".length).split("/").map(decodeURIComponent);
  const found = findRoute(request.method, segments);
  if (!found) return controlAnswer(404, { error: `no route ${request.method} ${request.path}` });
  const body = request.body.kind === "json" ? request.body.value : {};
  try {
    const { route, parts } = found;
    const value = await route({ control, parts, query: request.query, body: body as never });
    return controlAnswer(200, value ?? {});
  } catch (error) {
    if (error instanceof z.ZodError) return controlAnswer(400, { error: z.prettifyError(error) });
    if (error instanceof ControlError) return controlAnswer(409, { error: error.message });
    throw error;
  }
}

function findRoute(method: string, segments: readonly string[]): { route: Route; parts: string[] } | null {
  for (const [address, route] of Object.entries(ROUTES)) {
    const [routeMethod, pattern = ""] = address.split(" ");
    const wanted = pattern.split("/");
    if (routeMethod !== method || wanted.length !== segments.length) continue;
    const isSame = wanted.every((part, at) => part === ":" || part === segments[at]);
    if (isSame) return { route, parts: segments.filter((_, at) => wanted[at] === ":") };
  }
  return null;
}

function filterOf(query: URLSearchParams) {
  const [path, appKey, corpId] = [query.get("path"), query.get("appKey"), query.get("corpId")];
  return { ...(path && { path }), ...(appKey && { appKey }), ...(corpId && { corpId }) };
}

function callsMaxOf(query: URLSearchParams): number | undefined {
  const callsMax = query.get("callsMax");
  return callsMax === null ? undefined : Number(callsMax);
}

function controlAnswer(status: number, value: unknown): Answer {
  return {
    status,
    headers: { "content-type": "application/json;charset=utf-8", "cache-control": "no-store" },
    body: toExactJson(value),
    outcome: "control",
  };
}
