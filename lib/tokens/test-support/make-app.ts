import { addUserWithOrganization } from "@/lib/auth/sign-up";
import { inOrganization } from "@/lib/db/unit-of-work";
import { createDingtalk, type Dingtalk } from "@/lib/dingtalk/client";
import { createDispatcher } from "@/lib/dingtalk/hosts";
import { InProcessLimiter } from "@/lib/dingtalk/limiter";
import { Redacted } from "@/lib/redacted";
import { secretPlace } from "@/lib/secrets/app-secret";
import { sealSecret } from "@/lib/secrets/sealed-secrets";
import type { AppState } from "@/prisma/generated/enums";
import type { AppRef } from "../app-ref";

type Pair = { readonly appKey: string; readonly appSecret: string };

/** An organization of its own. */
export async function makeOrganization(): Promise<string> {
  const made = await addUserWithOrganization({
    email: `${crypto.randomUUID()}@example.com`,
    organization: "Tokens",
    passwordHash: null,
  });
  if (!made.ok) throw new Error("no organization was made");
  return made.value.organizationId;
}

/** A connected app of a new organization, or of one that is there; it has no token yet. */
export async function makeApp(
  { appKey, appSecret }: Pair,
  options: { readonly organizationId?: string; readonly state?: AppState } = {},
): Promise<AppRef> {
  const organizationId = options.organizationId ?? (await makeOrganization());
  const appId = crypto.randomUUID();
  await inOrganization({ organizationId }, (tx) =>
    tx.dingtalkApp.create({
      data: {
        organizationId,
        id: appId,
        name: "App",
        appKey,
        sealedSecret: sealSecret(secretPlace(organizationId, appId), new Redacted(appSecret)),
        secretTail: appSecret.slice(-4),
        state: options.state ?? "verified",
        stateSince: new Date(0),
      },
    }),
  );
  return { organizationId, appId };
}

/** The way to a simulator, with a clock that the test moves. */
export function makeWay(url: string, now: () => number = Date.now): Dingtalk {
  return createDingtalk({
    oapiUrl: url,
    apiUrl: url,
    dispatcher: createDispatcher(),
    limiter: new InProcessLimiter({ callsPerSecond: 1_000 }),
    now,
    random: () => 0,
    sleep: async () => {},
  });
}
