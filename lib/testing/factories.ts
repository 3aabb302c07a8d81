import { randomBytes } from "node:crypto";
import { hash as hashWithArgon2 } from "@node-rs/argon2";
import { v7 as newId } from "uuid";
import type { AppRef } from "@/lib/app-ref";
import type { Role } from "@/lib/auth/role";
import { createSession, findSession, type SignedIn } from "@/lib/auth/sessions";
import { asUser, inOrganization } from "@/lib/db/unit-of-work";
import { addUserWithOrganization } from "@/lib/organizations/create-organization";
import { toPublicId } from "@/lib/public-id";
import { Redacted } from "@/lib/redacted";
import { secretContext } from "@/lib/secrets/app-secret";
import { sealSecret } from "@/lib/secrets/sealed-secrets";
import type { AppState } from "@/prisma/generated/enums";

export type TestUser = { readonly userId: string; readonly email: string; readonly password: string };

export type TestMember = TestUser & { readonly organizationId: string; readonly role: Role };

export type TestOrganization = {
  readonly organizationId: string;
  readonly publicId: string;
  readonly name: string;
  readonly owner: TestMember;
};

/** Shared by all test users, whose hash is cheaper than those of the product, because each check costs the same again. */
const PASSWORD = "correct horse battery";
const CHEAPEST = { memoryCost: 8, timeCost: 1, parallelism: 1 };
let passwordHash: Promise<string> | undefined;
const sharedHash = () => (passwordHash ??= hashWithArgon2(PASSWORD, CHEAPEST));

export const makeEmail = (): string => `${randomBytes(6).toString("hex")}@example.test`;

export async function makeUser(): Promise<TestUser> {
  const [userId, email, hash] = [newId(), makeEmail(), await sharedHash()];
  await asUser({ userId, userEmail: email }, (tx) =>
    tx.user.create({ data: { id: userId, email, passwordHash: hash, passwordChangedAt: new Date() } }),
  );
  return { userId, email, password: PASSWORD };
}

/** Makes an organization with its owner. */
export async function makeOrganization(): Promise<TestOrganization> {
  const [email, name] = [makeEmail(), `组织 ${randomBytes(6).toString("hex")}`];
  const added = await addUserWithOrganization({
    email,
    organization: name,
    passwordHash: await sharedHash(),
  });
  if (!added.ok) throw new Error("setup failed");
  const { organizationId, userId } = added.value;
  const owner = { organizationId, userId, email, password: PASSWORD, role: "owner" } as const;
  return { organizationId, publicId: toPublicId(organizationId), name, owner };
}

export type TestPair = { readonly appKey: string; readonly appSecret: string };

/** Makes a connected app without a token, in a new organization by default. */
export async function makeApp(
  { appKey, appSecret }: TestPair,
  options: { readonly organizationId?: string; readonly state?: AppState } = {},
): Promise<AppRef> {
  const organizationId = options.organizationId ?? (await makeOrganization()).organizationId;
  const appId = newId();
  await inOrganization({ organizationId }, (tx) =>
    tx.dingtalkApp.create({
      data: {
        organizationId,
        id: appId,
        name: "Tests",
        appKey,
        sealedSecret: sealSecret(secretContext(organizationId, appId), new Redacted(appSecret)),
        secretTail: appSecret.slice(-4),
        state: options.state ?? "verified",
        stateSince: new Date(0),
      },
    }),
  );
  return { organizationId, appId };
}

/** Adds a user to an organization, by default a new one. */
export async function addMember(
  { organizationId, name }: Pick<TestOrganization, "organizationId" | "name">,
  role: Role,
  person?: TestUser,
): Promise<TestMember> {
  const user = person ?? (await makeUser());
  const { userId, email } = user;
  await inOrganization({ organizationId }, (tx) =>
    tx.membership.create({ data: { organizationId, userId, role, email, organizationName: name } }),
  );
  return { ...user, organizationId, role };
}

export async function makeSession({ userId }: Pick<TestUser, "userId">): Promise<SignedIn> {
  const origin = { address: "203.0.113.1", userAgent: "a browser" };
  const session = await findSession(await asUser({ userId }, (tx) => createSession(tx, userId, origin)));
  if (!session) throw new Error("setup failed");
  return session;
}
