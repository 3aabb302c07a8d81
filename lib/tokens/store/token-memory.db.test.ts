import { expect, test } from "vitest";
import { isListening } from "@/lib/db/notifications";
import { inOrganization } from "@/lib/db/unit-of-work";
import { openAdmin } from "@/lib/jobs/test-support/stored-jobs";
import { countConnectionsOf } from "@/lib/testing/connections";
import { makeApp } from "@/lib/testing/factories";
import { tokenTests } from "@/lib/testing/token-tests";
import { callerOf } from "../dingtalk-caller";
import { discardToken } from "../renewal/discard-token";
import { untilCached } from "../test-support/until-cached";

const admin = openAdmin();
const { pair, newTokenService } = tokenTests("memory", { settings: { repeatedFetch: "new" } });

test("a remembered token is not read again", async () => {
  const app = await makeApp(pair);
  const caller = await callerOf(app, app.appId, newTokenService());
  const readOften = async () => {
    for (let reads = 0; reads < 1_000; reads += 1) await caller.token.current();
  };

  await expect.poll(() => countConnectionsOf(readOften)).toBe(0);
});

test("a token renewed by another process is used after its NOTIFY", async () => {
  const app = await makeApp(pair);
  const here = await callerOf(app, app.appId, newTokenService());
  const elsewhere = await callerOf(app, app.appId, newTokenService());
  await expect.poll(isListening).toBe(true);
  const remembered = await untilCached(here);
  const renewed = await elsewhere.token.replace(remembered);

  expect(renewed.reveal()).not.toBe(remembered.reveal());
  await expect.poll(async () => (await here.token.current()).reveal()).toBe(renewed.reveal());
});

test("a token that changed during a gap in LISTEN is not used during or after the gap", async () => {
  const { rows } = await admin.query<{ name: string }>("SELECT quote_ident(current_database()) AS name");
  const database = rows[0]?.name;
  const app = await makeApp(pair);
  const caller = await callerOf(app, app.appId, newTokenService());
  await expect.poll(isListening).toBe(true);
  const remembered = await untilCached(caller);
  await admin.query(`REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC, dingkeep_app`);
  await admin.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dingkeep-listen' AND datname = current_database()",
  );
  await expect.poll(isListening).toBe(false);
  await inOrganization(app, (tx) => discardToken(tx, app.organizationId, app.appId));

  const during = await caller.token.current();
  expect(during.reveal()).not.toBe(remembered.reveal());
  await admin.query(`GRANT CONNECT ON DATABASE ${database} TO dingkeep_app`);
  await expect.poll(isListening).toBe(true);
  expect((await caller.token.current()).reveal()).toBe(during.reveal());
});
