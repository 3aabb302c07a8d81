import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { asUser, inOrganization } from "@/lib/db/unit-of-work";
import { env } from "@/lib/env";
import { disableUser } from "@/lib/organizations/operator";
import { addMember, makeOrganization, makeSession, makeUser } from "@/lib/testing/factories";
import { deleteSession, endSession, findSession, listSessions, requireCaller } from "./sessions";

const MINUTE_MS = 60_000;
const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE_MS);

/** Changes the session row to simulate elapsed time. */
const age = (sessionId: string, data: { lastSeenAt?: Date; expiresAt?: Date }) =>
  asUser({ sessionId }, (tx) => tx.session.update({ where: { id: sessionId }, data }));

const lastSeen = async (id: string) =>
  (await asUser({ sessionId: id }, (tx) => tx.session.findUniqueOrThrow({ where: { id } }))).lastSeenAt;

beforeEach(() => {
  Object.assign(env(), { SESSION_IDLE_HOURS: 12, SESSION_MAX_DAYS: 14 });
});

describe("S1 sessions", () => {
  test("a session returns its user and the time of the last password confirmation", async () => {
    const user = await makeUser();
    const { sessionId } = await makeSession(user);
    const session = await findSession(sessionId);
    expect(session).toMatchObject({ sessionId, userId: user.userId });
    expect(Date.now() - (session?.passwordConfirmedAt.getTime() ?? 0)).toBeLessThan(MINUTE_MS);
  });

  test("sign-out ends the session, also for copies of its cookie", async () => {
    const { sessionId } = await makeSession(await makeUser());
    await deleteSession(sessionId);
    expect(await findSession(sessionId)).toBeNull();
  });

  test("finds no session for an unknown id", async () => {
    expect(await findSession(randomUUID())).toBeNull();
  });

  test("a session ends after 12 idle hours", async () => {
    const { sessionId } = await makeSession(await makeUser());
    await age(sessionId, { lastSeenAt: ago(12 * 60 - 1) });
    expect(await findSession(sessionId), "which is a use").not.toBeNull();
    await age(sessionId, { lastSeenAt: ago(12 * 60 + 1) });
    expect(await findSession(sessionId)).toBeNull();
  });

  test("a session ends after SESSION_IDLE_HOURS", async () => {
    const { sessionId } = await makeSession(await makeUser());
    Object.assign(env(), { SESSION_IDLE_HOURS: 1 });
    await age(sessionId, { lastSeenAt: ago(61) });
    expect(await findSession(sessionId)).toBeNull();
  });

  test("a session ends at its expiry, however recently it was used", async () => {
    const { sessionId } = await makeSession(await makeUser());
    await age(sessionId, { lastSeenAt: new Date(), expiresAt: ago(0) });
    expect(await findSession(sessionId)).toBeNull();
  });

  test("a session stays active while it is used, without a write per use", async () => {
    const { sessionId } = await makeSession(await makeUser());
    await age(sessionId, { lastSeenAt: ago(60) });
    await findSession(sessionId);
    const touched = await lastSeen(sessionId);
    expect(Date.now() - touched.getTime()).toBeLessThan(MINUTE_MS);
    await findSession(sessionId);
    expect(await lastSeen(sessionId)).toEqual(touched);
  });

  test("a request after the expiry does not extend the session", async () => {
    const { sessionId } = await makeSession(await makeUser());
    const then = ago(13 * 60);
    await age(sessionId, { lastSeenAt: then });
    await findSession(sessionId);
    expect(await lastSeen(sessionId)).toEqual(then);
  });

  test("ends the session as soon as its user is disabled", async () => {
    const { organizationId, owner } = await makeOrganization();
    const { sessionId } = await makeSession(owner);
    await disableUser(owner.email);
    expect(await findSession(sessionId)).toBeNull();
    await expect(requireCaller(sessionId, organizationId)).rejects.toMatchObject({ code: "unauthenticated" });
  });

  test("ends the session as soon as its user is deleted", async () => {
    const { organizationId, owner } = await makeOrganization();
    const { sessionId } = await makeSession(owner);
    await asUser(owner, (tx) => tx.user.delete({ where: { id: owner.userId } }));
    expect(await findSession(sessionId)).toBeNull();
    await expect(requireCaller(sessionId, organizationId)).rejects.toMatchObject({ code: "unauthenticated" });
  });
});

describe("S1 requireCaller", () => {
  test("returns the current role, not the role at sign-in", async () => {
    const organization = await makeOrganization();
    const member = await addMember(organization, "admin");
    const { sessionId } = await makeSession(member);
    const { organizationId, userId } = member;
    expect(await requireCaller(sessionId, organizationId)).toMatchObject({ role: "admin", userId });

    await inOrganization(organization, (tx) =>
      tx.membership.updateMany({ where: { organizationId, userId }, data: { role: "viewer" } }),
    );
    expect(await requireCaller(sessionId, organizationId)).toMatchObject({ role: "viewer" });
  });

  test("rejects a former member, whose session continues", async () => {
    const organization = await makeOrganization();
    const { organizationId, userId } = await addMember(organization, "owner");
    const { sessionId } = await makeSession({ userId });
    await inOrganization(organization, (tx) =>
      tx.membership.deleteMany({ where: { organizationId, userId } }),
    );
    await expect(requireCaller(sessionId, organizationId)).rejects.toMatchObject({ code: "not_found" });
    expect(await findSession(sessionId)).not.toBeNull();
  });

  test("S12 returns the same not_found for another organization as for an unknown one", async () => {
    const [own, other] = [await makeOrganization(), await makeOrganization()];
    const { sessionId } = await makeSession(own.owner);
    const answers: unknown[] = [];
    for (const id of [other.organizationId, randomUUID()])
      answers.push(await requireCaller(sessionId, id).catch((error: unknown) => error));
    expect(answers[0]).toMatchObject({ code: "not_found" });
    expect(answers[1]).toEqual(answers[0]);
    expect(String(answers[1])).toBe(String(answers[0]));
  });

  test("S12 returns the role in the requested organization", async () => {
    const [first, second] = [await makeOrganization(), await makeOrganization()];
    await addMember(second, "viewer", first.owner);
    const { sessionId } = await makeSession(first.owner);
    expect(await requireCaller(sessionId, first.organizationId)).toMatchObject({ role: "owner" });
    expect(await requireCaller(sessionId, second.organizationId)).toMatchObject({ role: "viewer" });
  });
});

describe("S1 list of a user's sessions", () => {
  test("lists a user's sessions by last use, without expired ones and those of other users", async () => {
    const user = await makeUser();
    await makeSession(await makeUser());
    const [older, newer, idle, old] = [
      await makeSession(user),
      await makeSession(user),
      await makeSession(user),
      await makeSession(user),
    ];
    await age(older.sessionId, { lastSeenAt: ago(30) });
    await age(idle.sessionId, { lastSeenAt: ago(13 * 60) });
    await age(old.sessionId, { expiresAt: ago(1) });
    expect((await listSessions(older)).map(({ id }) => id)).toEqual([newer.sessionId, older.sessionId]);
  });

  test("a user can end sessions one by one", async () => {
    const user = await makeUser();
    const [here, there] = [await makeSession(user), await makeSession(user)];
    await endSession(here, there.sessionId);
    expect(await findSession(there.sessionId)).toBeNull();
    expect(await findSession(here.sessionId)).not.toBeNull();
  });

  test("refuses to end another user's session with the same result as for an unknown id", async () => {
    const [victim, attacker] = [await makeSession(await makeUser()), await makeSession(await makeUser())];
    const answers = [await endSession(attacker, victim.sessionId), await endSession(attacker, randomUUID())];
    expect(answers[0]).toEqual(answers[1]);
    expect(await findSession(victim.sessionId)).not.toBeNull();
  });
});
