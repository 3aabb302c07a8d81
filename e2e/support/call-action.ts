import type { APIResponse, Page } from "@playwright/test";
import { ORIGIN } from "./origin";

type Answer = { readonly status: number; readonly state: unknown };

/** An action's id in the build, and the page that it is sent to. */
export type ActionAddress = { readonly id: string; readonly path: string };

type Arguments = { readonly organization?: string; readonly form: Readonly<Record<string, string>> };

/** Every field that any action's form asks for, each with a value that it takes. */
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
} as const;

/** One call may wait for DingTalk's own time limits. */
const TIMEOUT_MS = 90_000;

/** Sends a body to a server action as the page's script would, whatever the body is. */
export function postAction(
  page: Page,
  action: ActionAddress,
  body: { readonly multipart: Record<string, string> | FormData } | { readonly data: string },
): Promise<APIResponse> {
  return page.request.post(ORIGIN + action.path, {
    // A body that is refused on its way ends its connection, so the next one has another.
    headers: { "next-action": action.id, accept: "text/x-component", origin: ORIGIN, connection: "close" },
    ...body,
    maxRedirects: 0,
    timeout: TIMEOUT_MS,
  });
}

/**
 * What React's `encodeReply` writes for `[organization, previousState, form]`: the form's fields first, for of a form
 * that is named only those are found that came before.
 */
export function encodeArguments({ organization, form }: Arguments): FormData {
  const body = new FormData();
  for (const [name, value] of Object.entries(form)) body.set(`_1_${name}`, value);
  const leading = organization === undefined ? [] : [organization];
  body.set("0", JSON.stringify([...leading, { status: "idle" }, "$K1"]));
  return body;
}

/** The state that an action answered with, or the beginning of what came instead. */
export async function stateOf(response: APIResponse): Promise<Answer> {
  const text = await response.text();
  const line = text.split("\n").find((part) => /^\d+:\{"status":/.test(part));
  return {
    status: response.status(),
    state: line ? JSON.parse(line.slice(line.indexOf(":") + 1)) : text.slice(0, 200),
  };
}

/**
 * Calls a server action the way an attacker would: no page, no form, any arguments.
 *
 * @param page a browser whose cookies are sent
 */
export async function callAction(page: Page, action: ActionAddress, args: Arguments): Promise<Answer> {
  return stateOf(await postAction(page, action, { multipart: encodeArguments(args) }));
}
