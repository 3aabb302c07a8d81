import type { Topic } from "../mutant";

const SESSIONS = ["lib/auth/sessions.db.test.ts"];
const SIGN_IN = ["lib/auth/sign-in.db.test.ts"];
const ATTEMPTS = ["lib/limits/attempt-counter.db.test.ts"];

/** Sessions, roles, passwords, throttles and the origin of requests. */
export const people: Topic = {
  name: "people",
  mutants: [
    {
      file: "lib/auth/sessions.ts",
      text: "s.expires_at > now() AND s.last_seen_at",
      replacement: "s.last_seen_at",
      harm: "A session never expires while it is used.",
      tests: SESSIONS,
    },
    {
      file: "lib/auth/sessions.ts",
      text: "s.last_seen_at > now() - make_interval(hours => $3)",
      replacement: "$3::int > 0",
      harm: "An idle session never ends.",
      tests: SESSIONS,
    },
    {
      file: "lib/auth/sessions.ts",
      text: "    if (Date.now() - row.last_seen_at.getTime() > TOUCH_AFTER_MS) {",
      replacement: "    if (row.last_seen_at.getTime() === 0) {",
      harm: "A session ends in the middle of its use.",
      tests: SESSIONS,
    },
    {
      file: "lib/auth/sessions.ts",
      text: 'if (!session.role) throw new AppError("not_found"',
      replacement: 'if (!session.role) throw new AppError("forbidden"',
      harm: "A user outside an organization learns that it exists.",
      tests: ["lib/auth/sessions.db.test.ts", "lib/organizations/tenancy.db.test.ts"],
    },
    {
      file: "lib/auth/sign-in.ts",
      text: "user && matches && !user.disabledAt ? user : null",
      replacement: "user && matches ? user : null",
      harm: "A disabled user's password is accepted.",
      tests: [...SIGN_IN, "lib/organizations/operator.db.test.ts", "lib/auth/confirm-password.db.test.ts"],
    },
    {
      file: "lib/auth/change-password.ts",
      text: "await tx.session.deleteMany({ where: { userId, id: { not: sessionId } } });",
      replacement: "",
      harm: "A stolen session survives a change of the password.",
      tests: ["lib/auth/change-password.db.test.ts"],
    },
    {
      file: "lib/auth/password-link.ts",
      text: "data: { passwordHash, passwordChangedAt: new Date(), linkHash: null, linkExpiresAt: null },",
      replacement: "data: { passwordHash, passwordChangedAt: new Date() },",
      harm: "A password link works more than once.",
      tests: ["lib/auth/password-link.db.test.ts"],
    },
    {
      file: "lib/auth/password-link.ts",
      text: "    await tx.session.deleteMany({ where: { userId } });\n",
      replacement: "",
      harm: "Sessions survive a password reset by link.",
      tests: ["lib/auth/password-link.db.test.ts"],
    },
    {
      file: "lib/auth/permissions.ts",
      text: '"directory.decide": "admin"',
      replacement: '"directory.decide": "viewer"',
      harm: "A viewer can approve a held run.",
      tests: ["lib/auth/actor.test.ts"],
    },
    {
      file: "lib/auth/permissions.ts",
      text: '"organization.delete": "owner"',
      replacement: '"organization.delete": "admin"',
      harm: "An admin can delete the organization.",
      tests: ["lib/auth/actor.test.ts"],
    },
    {
      file: "lib/actions/define-action.ts",
      text: "if (definition.isDangerous) await assertPasswordFresh(address, form);",
      replacement: "",
      harm: "A dangerous action doesn't ask for the password.",
      tests: ["lib/actions/dangerous-action.db.test.ts"],
    },
    {
      file: "lib/auth/confirm-password.ts",
      text: "const CONFIRMED_FOR_MS = 10 * 60_000;",
      replacement: "const CONFIRMED_FOR_MS = 11 * 60_000;",
      harm: "A confirmed password stays valid for longer than ten minutes.",
      tests: ["lib/actions/dangerous-action.db.test.ts"],
    },
    {
      file: "app/(console)/o/[organization]/settings/actions.ts",
      text: '{ permission: "organization.setPersonal", input',
      replacement: '{ permission: "organization.read", input',
      harm: "A viewer can turn on the storage of personal data.",
      tests: ["lib/actions/every-action.test.ts"],
    },
    {
      file: "lib/request/own-origin.ts",
      text: "return origin === new URL(ownUrl).origin;",
      replacement: "return origin === undefined || origin === new URL(ownUrl).origin;",
      harm: "A POST without Origin passes (CSRF).",
      tests: ["lib/request/own-origin.test.ts"],
    },
    {
      file: "lib/limits/sign-in-attempts.ts",
      text: "const network = addressKey(address);",
      replacement: "const network = address;",
      harm: "Every address of an IPv6 network has its own password attempts.",
      tests: SIGN_IN,
    },
    {
      file: "lib/limits/sign-in-attempts.ts",
      text: "account: { counter: account, key: email, blocks: !isKnownBrowser },",
      replacement: "account: { counter: account, key: email, blocks: true },",
      harm: "An attacker can lock users out of browsers that they have signed in with.",
      tests: SIGN_IN,
    },
    {
      file: "lib/organizations/sign-up-policy.ts",
      text: 'if ((await tx.organizationId.findFirst()) !== null) throw new AppError("forbidden", "sign-up is closed");',
      replacement: "",
      harm: "With SIGN_UP=first, two concurrent sign-ups both create an organization.",
      tests: ["lib/organizations/sign-up-first.db.test.ts"],
    },
    {
      file: "lib/organizations/sign-up-policy.ts",
      text: "perAddress().take(addressKey(address))",
      replacement: "perAddress().take(address)",
      harm: "One IPv6 network can create any number of organizations.",
      tests: ["lib/organizations/sign-up.db.test.ts"],
    },
    {
      file: "lib/limits/attempt-counter.ts",
      text: "WHERE $5::boolean OR t.blocked_until IS NULL OR t.blocked_until <= $2",
      replacement: "WHERE true",
      harm: "A blocked key is allowed.",
      tests: ATTEMPTS,
    },
    {
      file: "lib/limits/attempt-counter.ts",
      text: "CASE WHEN blocked_until = $2::bigint THEN NULL ELSE blocked_until END",
      replacement: "CASE WHEN $2::bigint IS NULL THEN blocked_until END",
      harm: "Refunding one attempt lifts another block.",
      tests: ATTEMPTS,
    },
    {
      file: "lib/request/client-address.ts",
      text: "if (!isWithin(socketAddress, trusted)) return canonical(socketAddress);",
      replacement: "",
      harm: "A client can choose the address for which its attempts are counted.",
      tests: ["lib/request/client-address.test.ts"],
    },
  ],
};
