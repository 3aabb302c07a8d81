import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { lockTokenAndApp } from "@/lib/db/lock-app";
import { inOrganization } from "@/lib/db/unit-of-work";
import type { Credentials } from "@/lib/dingtalk/credentials";
import { AppError } from "@/lib/errors";
import { Redacted } from "@/lib/redacted";
import { err, ok, type Result } from "@/lib/result";
import { sealedSecretColumns, sealedTicketColumns } from "@/lib/secrets/app-credentials";
import { discardToken } from "@/lib/tokens/renewal/discard-token";
import { announceApp } from "./announce-app";
import { markVerified, readCredentials } from "./retest-app";
import type { ConnectionTest } from "./schema";
import { testWithinLimits } from "./test-within-limits";

type Replacement = {
  readonly credentials: Credentials;
  /** Only the columns of the new value, because the other secret may be replaced at the same time. */
  readonly columns: ReturnType<typeof sealedSecretColumns> | ReturnType<typeof sealedTicketColumns>;
};

async function replace(
  actor: Actor<"app.change">,
  appId: string,
  { credentials, columns }: Replacement,
  address: string,
): Promise<Result<ConnectionTest, ConnectionTest>> {
  const { organizationId } = actor;
  const outcome = await testWithinLimits(organizationId, address, credentials);
  if (!outcome.token) return err(outcome.test);
  await inOrganization(actor, async (tx) => {
    const { state } = await lockTokenAndApp(tx, { organizationId, appId });
    await tx.dingtalkApp.updateMany({ where: { organizationId, id: appId }, data: columns });
    await announceApp(tx, { organizationId, appId });
    if (state === "disabled") return;
    if (outcome.test.isPassed) await markVerified(tx, organizationId, appId, outcome);
    else await discardToken(tx, organizationId, appId);
  });
  return ok(outcome.test);
}

const withSecret = (credentials: Credentials, secret: Redacted): Credentials =>
  credentials.kind === "isv"
    ? { ...credentials, suiteSecret: secret }
    : { ...credentials, appSecret: secret };

/**
 * Replaces the secret if DingTalk accepts the new one. The test may still fail for another reason.
 * @throws {AppError} `not_found`; `rate_limited`
 */
export async function replaceSecret(
  actor: Actor<"app.change">,
  appId: string,
  { appSecret }: { readonly appSecret: string },
  address: string,
): Promise<Result<ConnectionTest, ConnectionTest>> {
  const secret = new Redacted(appSecret);
  const credentials = withSecret(await readCredentials(actor, appId), secret);
  const columns = sealedSecretColumns({ organizationId: actor.organizationId, appId }, secret);
  return replace(actor, appId, { credentials, columns }, address);
}

/**
 * Replaces a third-party app's suite ticket if DingTalk issues a token for it, else keeps the previous one.
 * @throws {AppError} `not_found`; `conflict` for an app of another kind; `rate_limited`
 */
export async function replaceTicket(
  actor: Actor<"app.change">,
  appId: string,
  { suiteTicket }: { readonly suiteTicket: string },
  address: string,
): Promise<Result<ConnectionTest, ConnectionTest>> {
  const present = await readCredentials(actor, appId);
  if (present.kind !== "isv") {
    throw new AppError("conflict", "only a third-party app has a suite ticket", { detail: "suiteTicket" });
  }
  const ticket = new Redacted(suiteTicket);
  const columns = sealedTicketColumns({ organizationId: actor.organizationId, appId }, ticket, new Date());
  return replace(actor, appId, { credentials: { ...present, suiteTicket: ticket }, columns }, address);
}
