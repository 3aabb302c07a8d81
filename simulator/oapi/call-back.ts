import { z } from "zod";
import type { ReplyFailure } from "../events/check-reply";
import type { DingtalkEvent } from "../events/event";
import { checkAddress } from "../events/http-push";
import type { HttpSubscription } from "../events/subscriptions";
import type { OapiCall, OapiEndpoint } from "./endpoint";
import { OapiRefusal } from "./refusal";

/**
 * Endpoints to manage an app's event subscription, and to read events that were not delivered.
 *
 * @see docs/dingtalk/callbacks.md#subscription-api
 */
export const CALL_BACK_ENDPOINTS: Readonly<Record<string, OapiEndpoint>> = {
  "call_back/register_call_back": { method: "POST", permission: null, answer: register },
  "call_back/update_call_back": { method: "POST", permission: null, answer: update },
  "call_back/get_call_back": { method: "GET", permission: null, answer: read },
  "call_back/delete_call_back": { method: "GET", permission: null, answer: remove },
  "call_back/get_call_back_failed_result": { method: "GET", permission: null, answer: readFailed },
};

const TAGS: ReadonlySet<string> = new Set([
  "user_add_org",
  "user_modify_org",
  "user_leave_org",
  "user_active_org",
  "org_admin_add",
  "org_admin_remove",
  "org_dept_create",
  "org_dept_modify",
  "org_dept_remove",
  "org_change",
  "org_remove",
  "label_user_change",
  "label_conf_add",
  "label_conf_del",
  "label_conf_modify",
  "bpms_task_change",
  "bpms_instance_change",
  "check_in",
]);

const registration = z.object({
  call_back_tag: z.array(z.string()).min(1),
  token: z.string().min(6).max(64),
  aes_key: z.string().min(1),
  url: z.string().min(1),
});

async function register(call: OapiCall): Promise<Record<string, unknown>> {
  const subscription = parseSubscription(call);
  requireNone(call);
  await requireReply(call, subscription);
  // Another call may have registered an address while DingTalk checked this one.
  requireNone(call);
  call.world.events.subscriptions.set(call.app.appKey, subscription);
  return {};
}

async function update(call: OapiCall): Promise<Record<string, unknown>> {
  const subscription = parseSubscription(call);
  requireSubscription(call);
  await requireReply(call, subscription);
  call.world.events.subscriptions.set(call.app.appKey, subscription);
  return {};
}

function read(call: OapiCall): Record<string, unknown> {
  const { eventTypes, token, aesKey, url } = requireSubscription(call);
  return { call_back_tag: eventTypes ?? [...TAGS], token, aes_key: aesKey, url };
}

function remove(call: OapiCall): Record<string, unknown> {
  requireSubscription(call);
  call.world.events.subscriptions.delete(call.app.appKey);
  return {};
}

function requireNone({ world, app }: OapiCall): void {
  if (world.events.subscriptions.has(app.appKey)) throw new OapiRefusal(71006, "回调地址已经存在");
}

function requireSubscription({ world, app }: OapiCall): HttpSubscription {
  const subscription = world.events.findHttp(app.appKey);
  if (!subscription) throw new OapiRefusal(71007, "回调不存在");
  return subscription;
}

/** @throws {OapiRefusal} 71010 parameters, 900004 key, 71008 tag, 71011 URL, 71013 host */
function parseSubscription({ parameters, app, settings }: OapiCall): HttpSubscription {
  const parsed = registration.safeParse(Object.fromEntries(parameters));
  if (!parsed.success) throw new OapiRefusal(71010, "回调参数不正确");
  const { call_back_tag: eventTypes, token, aes_key: aesKey, url } = parsed.data;
  if (!/^[A-Za-z0-9]{43}$/.test(aesKey)) throw new OapiRefusal(900004, "不合法的aes key");
  const unknown = eventTypes.find((tag) => !TAGS.has(tag));
  if (unknown !== undefined) throw new OapiRefusal(71008, `回调tag不存在: ${unknown}`);
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? "")) throw new OapiRefusal(71011, "url格式不正确");
  if (settings.refusedCallbackHosts.includes(new URL(url).hostname)) {
    throw new OapiRefusal(71013, "回调的域名或IP不允许");
  }
  const ownerKey = app.kind === "isv" ? "suite_key" : "corp_id";
  const way = { way: "http", source: "api", shape: "legacy", mode: "events" } as const;
  return { ...way, appKey: app.appKey, url, token, aesKey, ownerKey, eventTypes };
}

const UNREACHABLE: ReadonlySet<ReplyFailure> = new Set(["unreachable", "timeout", "status"]);

/** @throws {OapiRefusal} 71012 unreachable, 71009 wrong reply */
async function requireReply({ world, app }: OapiCall, subscription: HttpSubscription): Promise<void> {
  const check = await checkAddress(world, subscription, app);
  if (check.ok) return;
  if (UNREACHABLE.has(check.reason)) throw new OapiRefusal(71012, `url地址访问异常, ${check.detail}`);
  throw new OapiRefusal(71009, `返回文本非success, ${check.detail}`);
}

const FAILED_PER_CALL_MAX = 200;

/** Returns the oldest events that were not delivered. By default they are removed. */
function readFailed({ world, app, organization, settings }: OapiCall): Record<string, unknown> {
  const { failed } = world.events;
  const all = failed
    .list(app.appKey, world.clock.now())
    .filter(({ corpId }) => corpId === organization.corpId);
  const events = all.slice(0, FAILED_PER_CALL_MAX);
  if (settings.failedCallbacks === "removed_once_read") failed.remove(app.appKey, events);
  return { has_more: all.length > events.length, failed_list: events.map(toFailedEntry) };
}

function toFailedEntry({ eventType, bornAt, corpId, data }: DingtalkEvent): Record<string, unknown> {
  return {
    call_back_tag: eventType,
    event_time: bornAt,
    [eventType]: { ...failedFields(eventType, data), corpid: corpId },
  };
}

function failedFields(eventType: string, data: DingtalkEvent["data"]): Record<string, unknown> {
  if (eventType.startsWith("label_")) return { roleLabelChange: data };
  if (eventType.startsWith("bpms_")) return { bpmsCallBackData: data };
  if (data.userId !== undefined) return { userid: data.userId };
  if (data.deptId !== undefined) return { deptid: data.deptId };
  return { callbackData: data };
}
