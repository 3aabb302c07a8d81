import { parsePublicId } from "@/lib/public-id";
import { makeMark } from "@/lib/testing/marks";
import { postAction } from "./call-action";
import { withDatabase } from "./database";
import type { Secrets } from "./enter-secrets";
import { expect } from "./fixtures";
import { actionAt, type Caller, call, malformedBodies } from "./secret-places";
import { addSimulatedSuite, pushTicket, requestSuiteToken, type Suite, withFault } from "./simulator";

const NEW_HOST = "v1.0/oauth2/corpAccessToken";
const OLD_HOST = "service/get_corp_token";
const TICKET_CHARACTERS_MAX = 1_000;
const REFUSED = { status: "failed" };

/** A ticket without spaces, because forms trim pasted text. */
const makeTicket = (secrets: Secrets, where: string) => secrets.make(where).replaceAll(" ", "");

const formOf = (suite: Suite) => ({ kind: "isv", ...suite });

/** Errors of both hosts that quote the request. */
async function testThroughFaults(caller: Caller, suite: Suite): Promise<void> {
  const quoted = `${suite.suiteSecret} ${suite.suiteTicket}`;
  const failed = { status: "done", data: { isPassed: false } };
  const ask = () => call(caller, "testConnectionAction", formOf(suite));
  const rule = { appKey: suite.suiteKey };
  // The legacy host is called with the ticket in the URL when the new one doesn't know the API
  const unknown = { kind: "status", status: 404, code: "InvalidAction.NotFound" } as const;
  const signature = { kind: "errcode", errcode: 853_004, errmsg: quoted } as const;
  const older = () => withFault({ ...rule, path: OLD_HOST, fault: signature }, ask);
  const answered = await withFault({ ...rule, path: NEW_HOST, fault: unknown }, older);
  expect(answered).toMatchObject(failed);
  expect(JSON.stringify(answered)).toContain("853004");
  // Last, because Dingkeep caches it for 30 s
  const refusing = { kind: "status", status: 400, code: "invalidSuiteKey", message: quoted } as const;
  expect(await withFault({ ...rule, path: NEW_HOST, fault: refusing }, ask)).toMatchObject(failed);
}

/**
 * Enters secret and ticket when connecting and changing a third-party app: wrong, too long, in malformed bodies, quoted by
 * both hosts, and right.
 *
 * @returns the app's id
 */
export async function enterSuiteSecrets(caller: Caller, password: string, secrets: Secrets): Promise<string> {
  const suite = await addSimulatedSuite(
    {
      suiteKey: `suite${makeMark()}`,
      suiteSecret: secrets.make("suite secret"),
      suiteTicket: makeTicket(secrets, "suite ticket"),
    },
    { repeatedFetch: "extended" },
  );
  secrets.marks["suite access token"] = await requestSuiteToken(suite);
  const failed = { status: "done", data: { isPassed: false } };
  const test = (change: Partial<Suite>) =>
    call(caller, "testConnectionAction", formOf({ ...suite, ...change }));
  expect(await test({ suiteSecret: secrets.make("wrong suite secret") })).toMatchObject(failed);
  expect(await test({ suiteTicket: makeTicket(secrets, "wrong suite ticket") })).toMatchObject(failed);
  const tooLong = makeTicket(secrets, "suite ticket too long").padEnd(TICKET_CHARACTERS_MAX + 1, "x");
  expect(await test({ suiteTicket: tooLong })).toMatchObject(REFUSED);
  const action = actionAt(caller, "connectAppAction");
  for (const body of malformedBodies(secrets.make("suite secret in a body of no form")))
    caller.answers.add(await postAction(caller.page, action, body));
  // Another customer's app, so that the cached failure is not that of the connected app
  await testThroughFaults(caller, { ...suite, corpId: "dingofnobody" });

  await call(caller, "connectAppAction", { ...formOf(suite), name: "第三方通讯录", agentId: "" });
  const id = await withDatabase(async (client) => {
    const organization = parsePublicId(caller.path?.split("/")[2] ?? "");
    const { rows } = await client.query<{ id: string }>(
      "SELECT id FROM dingtalk_app WHERE organization_id = $1",
      [organization],
    );
    await client.query(
      `UPDATE sessions SET password_confirmed_at = now() - interval '1 hour'
       WHERE user_id IN (SELECT user_id FROM memberships WHERE organization_id = $1)`,
      [organization],
    );
    return rows[0]?.id ?? "";
  });
  const next = makeTicket(secrets, "next suite ticket");
  const paste = (suiteTicket: string, confirmation: string) =>
    call(caller, "replaceTicketAction", { app: id, suiteTicket, confirmation });
  const wrong = makeTicket(secrets, "wrong next suite ticket");
  expect(await paste(wrong, secrets.make("wrong confirmation of a ticket"))).toMatchObject({
    needsPassword: true,
  });
  expect(await paste(wrong, password)).toMatchObject({ status: "done", data: { isReplaced: false } });
  await pushTicket(suite.suiteKey, next);
  expect(await paste(next, password)).toMatchObject({ status: "done", data: { isReplaced: true } });
  return id;
}
