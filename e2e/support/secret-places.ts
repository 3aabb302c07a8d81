import { createHash } from "node:crypto";
import type { Page } from "@playwright/test";
import { makeMark } from "@/lib/testing/marks";
import type { FaultRuleInput } from "@/simulator/control";
import type { Answers } from "./answers";
import { type ActionAddress, encodeArguments, postAction, stateOf } from "./call-action";
import { withDatabase } from "./database";
import { builtAction } from "./routes";
import { addSimulatedApp, requestToken, withFault } from "./simulator";

/** Makes a secret whose mark is between characters that URLs, HTML and JSON escape. */
export const withSpecialCharacters = (mark: string): string => `"<${mark}>\\ 密%&+'--`;

/** Calls actions from one browser and organization, and collects every answer. */
export type Caller = {
  readonly page: Page;
  /** `/o/…`; `null` for public actions. */
  readonly path?: string;
  readonly answers: Answers;
};

/** Calls an action at its own page. For another page, Next would fetch the action's page over a connection that may be closed. */
export function actionAt({ path = "" }: Caller, name: string, app = ""): ActionAddress {
  const { id, file } = builtAction(name);
  const folder = file.replace(/^app\/(?:\(\w+\)\/)?/, "/").replace(/\/actions\.ts$/, "");
  const at = folder.replace("[organization]", path.split("/")[2] ?? "").replace("[app]", app);
  return { id, path: at };
}

/** Calls an action and returns the state of its answer. */
export async function call(caller: Caller, name: string, form: Record<string, string>): Promise<unknown> {
  const { page, path, answers } = caller;
  const organization = path === undefined ? {} : { organization: path.split("/")[2] ?? "" };
  const multipart = encodeArguments({ ...organization, form });
  const response = await postAction(page, actionAt(caller, name, form.app), { multipart });
  answers.add(response);
  return (await stateOf(response)).state;
}

/** Makes an app for one test, so that its faults and pauses affect no other test. */
export async function makeApp(secret: string): Promise<{ appKey: string; appSecret: string }> {
  const app = { appKey: `ding${makeMark()}`, appSecret: secret };
  await addSimulatedApp(app);
  return app;
}

/** Connects an app of the simulator. @returns its id */
export async function connectByAction(
  caller: Caller,
  app: { readonly appKey: string; readonly appSecret: string },
): Promise<string> {
  await call(caller, "connectAppAction", { ...app, name: "生产通讯录", corpId: "", agentId: "" });
  return withDatabase(async (client) => {
    const { rows } = await client.query<{ id: string }>("SELECT id FROM dingtalk_app WHERE app_key = $1", [
      app.appKey,
    ]);
    if (!rows[0]) throw new Error("the app was not connected");
    return rows[0].id;
  });
}

type Fault = FaultRuleInput["fault"];
export const TOKEN = "v1.0/oauth2/accessToken";
export const LISTSUB = "topapi/v2/department/listsub";
const SCOPES = "auth/scopes";
/** Every path, including the legacy token request with the secret in its URL. */
const ANY = "*";

/** DingTalk never answers, which causes a timeout error. */
export const HANG: [path: string, fault: Fault] = [SCOPES, { kind: "hang" }];

/** Secrets that a call sends: first the app's secret, then the token. */
export type Sent = { readonly secret: string; readonly token: string };

/**
 * Returns all kinds of answers of DingTalk, or of a proxy in front of it, that quote the request. A ban is missing, because
 * it quotes nothing and would delay all other tests.
 */
export const faultsQuoting = ({ secret, token }: Sent): readonly [path: string, fault: Fault][] => [
  [ANY, { kind: "status", status: 400, code: "invalidClientIdOrSecret", message: `no ${secret}` }],
  [ANY, { kind: "status", status: 403, code: secret, message: `caller ip ${secret}` }],
  [ANY, { kind: "body", body: `<html><title>${secret}</title>`, contentType: "text/html" }],
  [ANY, { kind: "body", body: `{"accessToken":"x","expireIn":"${secret}` }],
  [ANY, { kind: "redirect", location: `https://evil.example/?appsecret=${encodeURIComponent(secret)}` }],
  [ANY, { kind: "gateway_timeout" }],
  [ANY, { kind: "reset" }],
  [ANY, { kind: "truncated" }],
  [SCOPES, { kind: "errcode", errcode: 90_018, errmsg: token }],
  [SCOPES, { kind: "errcode", errcode: 88, subCode: "60011", subMsg: `requiredScopes [${token}]` }],
  [SCOPES, { kind: "errcode", errcode: 88, subCode: "60020", subMsg: `ip ${token}` }],
  [SCOPES, { kind: "malformed_json" }],
  [SCOPES, { kind: "deep_json", depth: 1_000 }],
  [SCOPES, { kind: "status", status: 500, message: token }],
];

/** Tests credentials against each fault, with an app each. @returns the answers and the tokens */
export async function testThrough(
  caller: Caller,
  appSecret: string,
  choose: (sent: Sent) => readonly [path: string, fault: Fault][],
): Promise<{ states: unknown[]; tokens: string[] }> {
  const states: unknown[] = [];
  const tokens: string[] = [];
  for (let at = 0; ; at++) {
    const app = await makeApp(appSecret);
    const token = await requestToken(app);
    const [path, fault] = choose({ secret: appSecret, token })[at] ?? [];
    if (!fault || !path) return { states, tokens };
    tokens.push(token);
    const ask = () => call(caller, "testConnectionAction", app);
    states.push(await withFault({ path, appKey: app.appKey, fault }, ask));
  }
}

/** Makes the database reject rows, like a bug, while `work` runs. */
export async function whileRefused<T>(table: string, check: string, work: () => Promise<T>): Promise<T> {
  const name = `refuse_${makeMark()}`;
  await withDatabase((client) =>
    client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} CHECK (${check}) NOT VALID`),
  );
  try {
    return await work();
  } finally {
    await withDatabase((client) => client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`));
  }
}

/** Makes a one-time link to /set-password, like `npm run user -- reset-link`. */
export function makeLink(email: string, secret: string): Promise<string> {
  return withDatabase(async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `UPDATE users SET link_hash = $2, link_expires_at = now() + interval '1 hour' WHERE email = $1 RETURNING id`,
      [email, createHash("sha256").update(secret).digest()],
    );
    return `${rows[0]?.id}.${secret}`;
  });
}

/** Returns bodies that no form sends, each with a secret. */
export const malformedBodies = (
  secret: string,
): readonly ({ multipart: Record<string, string> } | { data: string })[] => [
  { data: secret },
  { data: secret.replace(/^\W+/, "") },
  { data: JSON.stringify([secret]) },
  { data: `["${secret}` },
  { multipart: { "0": secret } },
  { multipart: { "0": secret.replace(/^\W+/, "") } },
  { multipart: { "0": `["$K1","${secret}` } },
  { multipart: { "0": JSON.stringify([{ [secret]: "$F1" }, "$K1"]), "1": secret } },
  { multipart: { "0": JSON.stringify(["$undefined", "$K1"]), _1_appSecret: secret, _1_password: secret } },
  { multipart: { "0": JSON.stringify(["x", { status: "idle" }, `$B${secret}`]) } },
  { multipart: { "0": '["$1:constructor:constructor"]', "1": JSON.stringify(secret) } },
  { multipart: { [`$ACTION_ID_${"0".repeat(42)}`]: "", _1_password: secret } },
  { multipart: { [secret]: secret, password: secret.repeat(40_000) } },
];
