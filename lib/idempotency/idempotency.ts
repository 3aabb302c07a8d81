import "server-only";
import { createHash } from "node:crypto";
import { v7 as newId } from "uuid";
import type { ApiKey } from "@/lib/api-keys/api-key";
import type { SealContext } from "@/lib/crypto/envelope";
import { inOrganizationSql, LIMITS } from "@/lib/db/unit-of-work";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { Redacted } from "@/lib/redacted";
import { openSecret, sealSecret } from "@/lib/secrets/sealed-secrets";

/** What tells one repetition from another request. */
export type Repeatable = {
  /** The `Idempotency-Key`, as it came. */
  readonly given: string;
  /** The operation and its parameters, the same for every spelling of the path. */
  readonly route: string;
  /** The query, the same for every spelling, and the body as it came. */
  readonly text: string;
};

const GIVEN = /^[\x21-\x7e]{1,255}$/;
/** For how long an answer is given again. */
const KEPT_MS = 24 * 60 * 60_000;
/** Answers stored for one key. Beyond this the oldest is deleted, or one key could fill the disk. */
const KEPT_MAX = 1_000;
/** A first request renews its claim this often for as long as it runs. */
const BEAT_MS = 20_000;
/** A first request whose claim is older than this has died with its process. */
const CLAIM_MS_MAX = 120_000;
const RETRY_AFTER_SECONDS = 2;

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();

const CLAIM = `
  INSERT INTO idempotent_answer AS a (organization_id, id, key_id, route, given_hash, body_hash, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (organization_id, key_id, route, given_hash) DO UPDATE SET
    id = excluded.id, body_hash = excluded.body_hash, created_at = excluded.created_at, sealed_answer = NULL
  WHERE a.created_at < $8 OR (a.sealed_answer IS NULL AND a.created_at < $9)
  RETURNING id`;

const READ = `
  SELECT id, body_hash, sealed_answer FROM idempotent_answer
  WHERE organization_id = $1 AND key_id = $2 AND route = $3 AND given_hash = $4`;

const STORE =
  "UPDATE idempotent_answer SET sealed_answer = $3 WHERE organization_id = $1 AND id = $2 AND sealed_answer IS NULL";

/** Another id means that the claim was taken over. */
const BEAT =
  "UPDATE idempotent_answer SET created_at = $3 WHERE organization_id = $1 AND id = $2 AND sealed_answer IS NULL";

/** The ids are UUIDv7, so the greatest are the latest. */
const DELETE_OLDEST = `
  DELETE FROM idempotent_answer WHERE organization_id = $1 AND key_id = $2 AND sealed_answer IS NOT NULL AND id <= (
    SELECT id FROM idempotent_answer WHERE organization_id = $1 AND key_id = $2 AND sealed_answer IS NOT NULL
    ORDER BY id DESC OFFSET $3 LIMIT 1)`;

const RELEASE =
  "DELETE FROM idempotent_answer WHERE organization_id = $1 AND id = $2 AND sealed_answer IS NULL";

type Stored = { readonly id: string; readonly body_hash: Buffer; readonly sealed_answer: Buffer | null };

/** Where an answer lies sealed: it may hold what only the key's owner may read. */
const contextOf = (organizationId: string, id: string): SealContext => ({
  organizationId,
  table: "idempotent_answer",
  row: id,
  column: "sealed_answer",
});

/** The claim of a first request, or what the first one left. */
async function claimOrRead(
  { organizationId, keyId }: ApiKey,
  { given, route, text }: Repeatable,
): Promise<{ readonly claim: string } | Stored> {
  return inOrganizationSql({ organizationId }, async (client) => {
    const [givenHash, bodyHash, nowMs] = [sha256(given), sha256(text), Date.now()];
    const claim = await client.query<{ id: string }>(CLAIM, [
      organizationId,
      newId(),
      keyId,
      route,
      givenHash,
      bodyHash,
      new Date(nowMs),
      new Date(nowMs - KEPT_MS),
      new Date(nowMs - CLAIM_MS_MAX),
    ]);
    if (claim.rows[0]) return { claim: claim.rows[0].id };
    const { rows } = await client.query<Stored>(READ, [organizationId, keyId, route, givenHash]);
    if (!rows[0]) throw new AppError("conflict", "the first request was given up", retrySoon);
    if (!rows[0].body_hash.equals(bodyHash)) {
      throw new AppError("repeated_differently", "the same Idempotency-Key came with another body");
    }
    return rows[0];
  });
}

const retrySoon = { retryAfterSeconds: RETRY_AFTER_SECONDS };

type Kept = { readonly status: number; readonly headers: [string, string][]; readonly body: string };

function again({ id, sealed_answer }: Stored, organizationId: string): Response {
  if (!sealed_answer) throw new AppError("conflict", "the first request is still at work", retrySoon);
  const text = openSecret(contextOf(organizationId, id), sealed_answer).reveal();
  const { status, headers, body } = JSON.parse(text) as Kept;
  return new Response(body === "" ? null : body, {
    status,
    headers: [...headers, ["idempotency-replayed", "true"]],
  });
}

/** Keeps an answer. One that can't be kept is an answer all the same. */
async function keep({ organizationId, keyId }: ApiKey, claim: string, response: Response): Promise<void> {
  const kept: Kept = {
    status: response.status,
    headers: [...response.headers],
    body: await response.clone().text(),
  };
  const sealed = sealSecret(contextOf(organizationId, claim), new Redacted(JSON.stringify(kept)));
  await inOrganizationSql({ organizationId }, (client) =>
    client.query(STORE, [organizationId, claim, sealed]),
  );
  await inOrganizationSql({ organizationId }, (client) =>
    client.query(DELETE_OLDEST, [organizationId, keyId, KEPT_MAX]),
  );
}

/** Renews a claim for as long as its request runs, however long that is. @returns its end */
function keepClaim({ organizationId }: ApiKey, claim: string, note: (error: unknown) => void): () => void {
  const beat = () =>
    inOrganizationSql({ organizationId }, (client) =>
      client.query(BEAT, [organizationId, claim, new Date()]),
    ).catch(note);
  const timer = setInterval(() => void beat(), BEAT_MS);
  timer.unref();
  return () => clearInterval(timer);
}

const release = ({ organizationId }: ApiKey, claim: string): Promise<unknown> =>
  inOrganizationSql({ organizationId }, (client) => client.query(RELEASE, [organizationId, claim]));

/**
 * Makes the answer to a request once: the same key, route and `Idempotency-Key` get it again for 24 hours, unless the
 * key has made 1,000 others since. A failure is not kept, and may be tried again. Of two at once the second is told to
 * come back, however long the first takes.
 *
 * @throws {AppError} `invalid_input` for a value that can't be one; `repeated_differently` when another body came
 *   with it; `conflict` while the first is at work; what `make` throws
 */
export async function answerOnce(
  key: ApiKey,
  repeatable: Repeatable,
  make: () => Promise<Response>,
): Promise<Response> {
  if (!GIVEN.test(repeatable.given)) {
    throw new AppError("invalid_input", "no Idempotency-Key", { detail: "Idempotency-Key" });
  }
  const found = await claimOrRead(key, repeatable);
  if (!("claim" in found)) return again(found, key.organizationId);
  const note = (error: unknown) => log.warn("a repeatable request was not noted", { error });
  const end = keepClaim(key, found.claim, note);
  let response: Response;
  try {
    response = await make();
  } catch (error) {
    await release(key, found.claim).catch(note);
    throw error;
  } finally {
    end();
  }
  await keep(key, found.claim, response).catch(note);
  return response;
}

const BATCH = 1_000;

const DELETE = `
  DELETE FROM idempotent_answer WHERE organization_id = $1 AND id IN (
    SELECT id FROM idempotent_answer WHERE organization_id = $1 AND created_at < $2 LIMIT $3)`;

/** Takes away the answers that aren't given again any more, in batches. */
export async function pruneAnswers(
  organizationId: string,
  { nowMs = Date.now(), batch = BATCH }: { nowMs?: number; batch?: number } = {},
): Promise<void> {
  const before = new Date(nowMs - KEPT_MS);
  for (let deleted = batch; deleted >= batch; ) {
    const { rowCount } = await inOrganizationSql(
      { organizationId },
      (client) => client.query(DELETE, [organizationId, before, batch]),
      LIMITS.bulk,
    );
    deleted = rowCount ?? 0;
  }
}
