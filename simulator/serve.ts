import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { serveApi } from "./api-host/serve-api";
import type { Control } from "./control";
import { serveControlPage } from "./control-page";
import { serveControl } from "./control-routes";
import type { Answer } from "./gateway/answer";
import { findFaults } from "./gateway/find-fault";
import { identifyCaller } from "./gateway/identify-caller";
import { readRequest, type SimulatorRequest } from "./gateway/read-request";
import { banAnswer, sendAnswer, sendFault } from "./gateway/send-fault";
import { serveOapi } from "./oapi/serve-oapi";
import type { Scenarios } from "./scenarios";
import type { World } from "./world";

const API_HOST_PATH = /^v[12]\.0\//;

type Served = { readonly world: World; readonly control: Control; readonly scenarios: Scenarios };

/**
 * Answers a request: `/_control` is the control page, `/_control/…` the control, `/v1.0/…` and `/v2.0/…`
 * api.dingtalk.com, everything else oapi.dingtalk.com.
 */
export async function serve(
  { world, control, scenarios }: Served,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = await readRequest(incoming);
  const page = await serveControlPage({ scenarios, control }, request);
  if (page || request.path.startsWith("_control/")) {
    sendAnswer(response, page ?? (await serveControl(control, request)));
    return;
  }
  await serveDingtalk({ world, control }, request, response);
}

async function serveDingtalk(
  { world, control }: Pick<Served, "world" | "control">,
  request: SimulatorRequest,
  response: ServerResponse,
): Promise<void> {
  const { method, path } = request;
  const app = identifyCaller(world, request);
  const host = API_HOST_PATH.test(path) ? "api" : "oapi";
  const at = world.clock.now();
  const caller = { appKey: app?.appKey ?? null, corpId: app?.corpId ?? null };
  const call = world.calls.begin({ at, host, method, path, ...caller });
  const faults = findFaults(world, request, { app });
  for (const fault of faults.before) {
    if (fault.kind === "latency") await pause(fault.latencyMs);
    else if (fault.kind === "change_app") control.changeApp(fault.appKey, fault.patch);
    else control.changeDirectory(fault.corpId, fault.changes);
  }
  if (faults.instead) {
    await sendFault(faults.instead, { response, path });
    world.calls.end(call, `fault:${faults.instead.kind}`);
    return;
  }
  const answer = await answerOf(world, request, host);
  sendAnswer(response, answer);
  world.calls.end(call, answer.outcome);
}

async function answerOf(world: World, request: SimulatorRequest, host: "api" | "oapi"): Promise<Answer> {
  if (!world.throttle.admitsIp(request.callerIp, world.limits, world.clock.now())) return banAnswer();
  return host === "api" ? serveApi(world, request) : serveOapi(world, request);
}
