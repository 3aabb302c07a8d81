import "server-only";
import { createHash } from "node:crypto";
import { v7 as newId } from "uuid";
import type { ApiKey } from "@/lib/api-keys/api-key";
import type { SealContext } from "@/lib/crypto/envelope";
import { LIMITS } from "@/lib/db/time-limits";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { Redacted } from "@/lib/redacted";
import { openSecret, sealSecret } from "@/lib/secrets/sealed-secrets";

export type IdempotentRequest = {
  readonly idempotencyKey: string;
  /** The operation and its normalized parameters. */
  readonly route: string;
  /** The normalized query and the unparsed body. */
  readonly text: string;
};

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;
const STORED_MS = 24 * 60 * 60_000;
/** Answers stored per key. Beyond this the oldest is deleted, so that one key can't fill the disk. */
const STORED_MAX = 1_000;
const RENEW_INTERVAL_MS = 20_000;
/** Age at which a claim counts as abandoned, because its process died. */
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

/** Matches the id, because a claim that was taken over has another one. */
const RENEW =
  "UPDATE idempotent_answer SET created_at = $3 WHERE organization_id = $1 AND id = $2 AND sealed_answer IS NULL";

/** Ids are UUIDv7, so they sort by time. */
const DELETE_OLDEST = `
  DELETE FROM idempotent_answer WHERE organization_id = $1 AND key_id = $2 AND sealed_answer IS NOT NULL AND id <= (
    SELECT id FROM idempotent_answer WHERE organization_id = $1 AND key_id = $2 AND sealed_answer IS NOT NULL
    ORDER BY id DESC OFFSET $3 LIMIT 1)`;

const RELEASE =
  "DELETE FROM idempotent_answer WHERE organization_id = $1 AND id = $2 AND sealed_answer IS NULL";

type StoredRow = { readonly id: string; readonly body_hash: Buffer; readonly sealed_answer: Buffer | null };

const contextOf = (organizationId: string, id: string): SealContext => ({
  organizationId,
  table: "idempotent_answer",
  row: id,
  column: "sealed_answer",
});

async function claimOrRead(
  { organizationId, keyId }: ApiKey,
  { idempotencyKey, route, text }: IdempotentRequest,
): Promise<{ readonly claim: string } | StoredRow> {
  return inOrganizationSql({ organizationId }, async (client) => {
    const [givenHash, bodyHash, nowMs] = [sha256(idempotencyKey), sha256(text), Date.now()];
    const claim = await client.query<{ id: string }>(CLAIM, [
      organizationId,
      newId(),
      keyId,
      route,
      givenHash,
      bodyHash,
      new Date(nowMs),
      new Date(nowMs - STORED_MS),
      new Date(nowMs - CLAIM_MS_MAX),
    ]);
    if (claim.rows[0]) return { claim: claim.rows[0].id };
    const { rows } = await client.query<StoredRow>(READ, [organizationId, keyId, route, givenHash]);
    if (!rows[0]) throw new AppError("conflict", "the first request was abandoned", retrySoon);
    if (!rows[0].body_hash.equals(bodyHash)) {
      throw new AppError("repeated_differently", "the Idempotency-Key was used with another body");
    }
    return rows[0];
  });
}

const retrySoon = { retryAfterSeconds: RETRY_AFTER_SECONDS };

type StoredResponse = {
  readonly status: number;
  readonly headers: [string, string][];
  readonly body: string;
};

function replay({ id, sealed_answer }: StoredRow, organizationId: string): Response {
  if (!sealed_answer) throw new AppError("conflict", "the first request is still running", retrySoon);
  const text = openSecret(contextOf(organizationId, id), sealed_answer).reveal();
  const { status, headers, body } = JSON.parse(text) as StoredResponse;
  return new Response(body === "" ? null : body, {
    status,
    headers: [...headers, ["idempotency-replayed", "true"]],
  });
}

async function store({ organizationId, keyId }: ApiKey, claim: string, response: Response): Promise<void> {
  const stored: StoredResponse = {
    status: response.status,
    headers: [...response.headers],
    body: await response.clone().text(),
  };
  const sealed = sealSecret(contextOf(organizationId, claim), new Redacted(JSON.stringify(stored)));
  await inOrganizationSql({ organizationId }, (client) =>
    client.query(STORE, [organizationId, claim, sealed]),
  );
  await inOrganizationSql({ organizationId }, (client) =>
    client.query(DELETE_OLDEST, [organizationId, keyId, STORED_MAX]),
  );
}

/** Renews a claim while its request runs. @returns a function that stops it */
function renewClaim(
  { organizationId }: ApiKey,
  claim: string,
  logFailure: (error: unknown) => void,
): () => void {
  const renew = () =>
    inOrganizationSql({ organizationId }, (client) =>
      client.query(RENEW, [organizationId, claim, new Date()]),
    ).catch(logFailure);
  const timer = setInterval(() => void renew(), RENEW_INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

const release = ({ organizationId }: ApiKey, claim: string): Promise<unknown> =>
  inOrganizationSql({ organizationId }, (client) => client.query(RELEASE, [organizationId, claim]));

/**
 * Runs a request once. A repetition with its key, route and `Idempotency-Key` gets the stored answer for 24 hours, until the key has
 * 1,000 newer ones. Failures are not stored.
 * @throws {AppError} `invalid_input` for an invalid `Idempotency-Key`; `repeated_differently` for another body;
 *   `conflict` while the first request runs; and errors of `make`
 */
export async function answerOnce(
  key: ApiKey,
  request: IdempotentRequest,
  make: () => Promise<Response>,
): Promise<Response> {
  if (!IDEMPOTENCY_KEY.test(request.idempotencyKey)) {
    throw new AppError("invalid_input", "invalid Idempotency-Key", { detail: "Idempotency-Key" });
  }
  const found = await claimOrRead(key, request);
  if (!("claim" in found)) return replay(found, key.organizationId);
  const logFailure = (error: unknown) => log.warn("storing an idempotent answer failed", { error });
  const end = renewClaim(key, found.claim, logFailure);
  let response: Response;
  try {
    response = await make();
  } catch (error) {
    await release(key, found.claim).catch(logFailure);
    throw error;
  } finally {
    end();
  }
  await store(key, found.claim, response).catch(logFailure);
  return response;
}

const BATCH = 1_000;

const DELETE = `
  DELETE FROM idempotent_answer WHERE organization_id = $1 AND id IN (
    SELECT id FROM idempotent_answer WHERE organization_id = $1 AND created_at < $2 LIMIT $3)`;

export async function pruneAnswers(
  organizationId: string,
  { nowMs = Date.now(), batch = BATCH }: { nowMs?: number; batch?: number } = {},
): Promise<void> {
  const before = new Date(nowMs - STORED_MS);
  for (let deleted = batch; deleted >= batch; ) {
    const { rowCount } = await inOrganizationSql(
      { organizationId },
      (client) => client.query(DELETE, [organizationId, before, batch]),
      LIMITS.bulk,
    );
    deleted = rowCount ?? 0;
  }
}
