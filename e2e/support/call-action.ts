import type { APIResponse, Page } from "@playwright/test";
import { ORIGIN } from "./origin";

type Answer = { readonly status: number; readonly state: unknown };

/** An action's id in the build, and the page to which it is sent. */
export type ActionAddress = { readonly id: string; readonly path: string };

type Arguments = { readonly organization?: string; readonly form: Readonly<Record<string, string>> };

/** The fields of all actions' forms, with valid values. */
export const EVERY_FIELD = {
  name: "taken over",
  departmentsRemovable: "50",
  membersRemovable: "200",
  percentRemovable: "10",
  readsDetails: "on",
  detailsDays: "7",
  fullEveryHours: "24",
  removedDays: "30",
  historyDays: "400",
  keepsPersonal: "on",
  typed: "生产通讯录",
  appKey: "stolen",
  appSecret: "stolen",
  suiteTicket: "stolen",
  syncEveryHours: "6",
  corpId: "",
  agentId: "",
  jsapiOrigins: "",
  decision: "rejected",
  reason: "taken over",
  object: "department",
  id: "1",
  kind: "token",
  token: "",
  aesKey: "",
  hours: "1",
  types: "app.broken",
  apps: "all",
  way: "stream",
} as const;

/** Long enough for the timeouts of calls to DingTalk. */
const TIMEOUT_MS = 90_000;

/** Sends any body to a server action. */
export function postAction(
  page: Page,
  action: ActionAddress,
  body: { readonly multipart: Record<string, string> | FormData } | { readonly data: string },
): Promise<APIResponse> {
  return page.request.post(ORIGIN + action.path, {
    // A rejected body closes its connection, so each request gets a new one.
    headers: { "next-action": action.id, accept: "text/x-component", origin: ORIGIN, connection: "close" },
    ...body,
    maxRedirects: 0,
    timeout: TIMEOUT_MS,
  });
}

/**
 * Encodes `[organization, previousState, form]` like React's `encodeReply`: the form's fields come first, because the
 * decoder ignores fields after the reference to their form.
 */
export function encodeArguments({ organization, form }: Arguments): FormData {
  const body = new FormData();
  for (const [name, value] of Object.entries(form)) body.set(`_1_${name}`, value);
  const leading = organization === undefined ? [] : [organization];
  body.set("0", JSON.stringify([...leading, { status: "idle" }, "$K1"]));
  return body;
}

/** Returns the state of an action's answer, or the start of another answer. */
export async function stateOf(response: APIResponse): Promise<Answer> {
  const text = await response.text();
  const line = text.split("\n").find((part) => /^\d+:\{"status":/.test(part));
  return {
    status: response.status(),
    state: line ? JSON.parse(line.slice(line.indexOf(":") + 1)) : text.slice(0, 200),
  };
}

/**
 * Calls a server action like an attacker: without a page or a form, with any arguments.
 *
 * @param page a browser whose cookies are sent
 */
export async function callAction(page: Page, action: ActionAddress, args: Arguments): Promise<Answer> {
  return stateOf(await postAction(page, action, { multipart: encodeArguments(args) }));
}
