import { describe, expect, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { tokenTests } from "@/lib/testing/token-tests";
import { callerOf } from "./dingtalk-caller";
import { getTokenFacts } from "./queries";

const { pair, newTokenService } = tokenTests("facts");

describe("getTokenFacts and listTokenFacts", () => {
  const actorOf = (organizationId: string) =>
    grant({ organizationId, role: "viewer", userId: null }, "app.read");

  test("returns times and versions of tokens, and never the token", async () => {
    const app = await makeApp(pair);
    expect(await getTokenFacts(actorOf(app.organizationId), app.appId)).toMatchObject({ version: 0 });
    const token = await (await callerOf(app, app.appId, newTokenService())).token.current();
    const facts = await getTokenFacts(actorOf(app.organizationId), app.appId);

    expect(Object.keys(facts).sort()).toEqual(
      [
        "version",
        "obtainedAt",
        "expiresAt",
        "renewAt",
        "notExtendedUntil",
        "lastError",
        "lastErrorAt",
      ].sort(),
    );
    expect(facts).toMatchObject({ version: 1, lastError: null, notExtendedUntil: null });
    expect(JSON.stringify(facts)).not.toContain(token.reveal());
  });

  test("returns nothing for an app of another organization, as for an unknown app", async () => {
    const app = await makeApp(pair);
    const stranger = actorOf((await makeOrganization()).organizationId);

    for (const appId of [app.appId, crypto.randomUUID(), "no-id"]) {
      await expect(getTokenFacts(stranger, appId)).rejects.toMatchObject({ code: "not_found" });
    }
  });
});
