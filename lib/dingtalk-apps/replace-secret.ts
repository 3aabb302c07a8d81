import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import type { Credentials, SuiteCredentials } from "@/lib/dingtalk/credentials";
import { lockApp } from "@/lib/directory/sync/start-run";
import { AppError, notFound } from "@/lib/errors";
import { Redacted } from "@/lib/redacted";
import { err, ok, type Result } from "@/lib/result";
import { sealCredentials } from "@/lib/secrets/app-credentials";
import { dropToken } from "@/lib/tokens/drop-token";
import { markVerified, readCredentials } from "./commands";
import type { ConnectionTest } from "./schema";
import { testWithinLimits } from "./test-within-limits";

/** The columns that a replacement writes; a suite ticket that comes meanwhile stays when the secret is replaced. */
type Written = Partial<ReturnType<typeof sealCredentials>>;

type Replacement = {
  readonly credentials: Credentials;
  readonly chooseColumns: (sealed: ReturnType<typeof sealCredentials>) => Written;
};

/** Tests the new credentials and stores them once DingTalk has given a token for them; else nothing changes. */
async function replace(
  { organizationId, ...actor }: Actor<"app.change">,
  appId: string,
  { credentials, chooseColumns }: Replacement,
  address: string,
): Promise<Result<ConnectionTest, ConnectionTest>> {
  const outcome = await testWithinLimits(organizationId, address, credentials);
  if (!outcome.token) return err(outcome.test);
  await inOrganization({ ...actor, organizationId }, async (tx) => {
    const { count } = await tx.dingtalkApp.updateMany({
      where: { organizationId, id: appId },
      data: chooseColumns(sealCredentials(organizationId, appId, credentials, new Date())),
    });
    if (count === 0) throw notFound("app");
    const { state } = await lockApp(tx, { organizationId, appId });
    if (state === "disabled") return;
    if (outcome.test.isPassed) await markVerified(tx, organizationId, appId, outcome);
    else await dropToken(tx, organizationId, appId);
  });
  return ok(outcome.test);
}

const withSecret = (credentials: Credentials, secret: Redacted): Credentials =>
  credentials.kind === "isv"
    ? { ...credentials, suiteSecret: secret }
    : { ...credentials, appSecret: secret };

/**
 * Replaces the secret once the new one has worked; until then the old one stays. The test that it returns may
 * still have failed for a reason that isn't the secret, such as a missing permission.
 *
 * @throws {AppError} `not_found`; `rate_limited`
 */
export async function replaceSecret(
  actor: Actor<"app.change">,
  appId: string,
  { appSecret }: { readonly appSecret: string },
  address: string,
): Promise<Result<ConnectionTest, ConnectionTest>> {
  const credentials = withSecret(await readCredentials(actor, appId), new Redacted(appSecret));
  const chooseColumns = ({ sealedSecret, secretTail }: Written): Written =>
    sealedSecret && secretTail ? { sealedSecret, secretTail } : {};
  return replace(actor, appId, { credentials, chooseColumns }, address);
}

/**
 * Takes a third-party app's new suite ticket, which a person pasted, once it has worked: the token that it gave
 * is the app's from then on. Until then the one before stays, which may still be good.
 *
 * @throws {AppError} `not_found`; `conflict` for an app of another kind; `rate_limited`
 */
export async function replaceTicket(
  actor: Actor<"app.change">,
  appId: string,
  { suiteTicket }: { readonly suiteTicket: string },
  address: string,
): Promise<Result<ConnectionTest, ConnectionTest>> {
  const present = await readCredentials(actor, appId);
  if (present.kind !== "isv") throw new AppError("conflict", "only a third-party app has a suite ticket");
  const credentials: SuiteCredentials = { ...present, suiteTicket: new Redacted(suiteTicket) };
  const chooseColumns = ({ sealedSuiteTicket, suiteTicketAt }: Written): Written =>
    sealedSuiteTicket && suiteTicketAt ? { sealedSuiteTicket, suiteTicketAt } : {};
  return replace(actor, appId, { credentials, chooseColumns }, address);
}
