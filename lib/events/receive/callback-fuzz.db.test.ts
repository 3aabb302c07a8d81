import fc from "fast-check";
import { expect, test } from "vitest";
import { signCallback } from "@/lib/dingtalk/callback-crypto";
import { defineCallback } from "@/lib/http/define-callback";
import type { ShownSecrets } from "../subscription/set-up";
import { type IncomingCallback, receiveCallback } from "./receive-callback";
import { eventsOf, makeCallback, makeSubscribed, subscriptionOf } from "./test-support/push";

const CALLBACKS = 5_000;
const AT_ONCE = 50;

const answer = defineCallback(receiveCallback);

const post = ({ address, query, body }: IncomingCallback): Promise<Response> =>
  answer(new Request(`http://localhost/?${query}`, { method: "POST", body }), {
    params: Promise.resolve({ address }),
  });

/** Changes a valid callback in one place. */
function changes(valid: IncomingCallback): fc.Arbitrary<IncomingCallback> {
  const text = fc.string({ unit: "binary", maxLength: 200 });
  const replaced = (original: string) =>
    fc
      .tuple(fc.nat({ max: Math.max(0, original.length - 1) }), fc.string({ maxLength: 3 }))
      .map(([at, inserted]) => original.slice(0, at) + inserted + original.slice(at + 1))
      .filter((changed) => changed !== original);
  const { encrypt } = JSON.parse(valid.body) as { encrypt: string };
  const withQuery = (name: string, value: string) => {
    const query = new URLSearchParams(valid.query);
    query.set(name, value);
    return { ...valid, query };
  };
  return fc.oneof(
    text.map((body) => ({ ...valid, body })),
    fc.json({ maxDepth: 4 }).map((body) => ({ ...valid, body })),
    replaced(encrypt).map((changed) => ({ ...valid, body: JSON.stringify({ encrypt: changed }) })),
    replaced(valid.address).map((address) => ({ ...valid, address })),
    fc
      .tuple(fc.constantFrom("msg_signature", "timestamp", "nonce"), text)
      .map(([name, value]) => withQuery(name, value)),
    fc.constant({ ...valid, query: new URLSearchParams() }),
  );
}

/** Makes correctly signed callbacks whose content is no event: other bytes, or a message that is no object with a type. */
function signedNonsense(secrets: ShownSecrets, ownerKey: string): fc.Arbitrary<IncomingCallback> {
  const valid = makeCallback(secrets, { message: "{}", ownerKey });
  const [timestamp, nonce] = [valid.query.get("timestamp") ?? "", valid.query.get("nonce") ?? ""];
  const signed = (encrypt: string): IncomingCallback => {
    const msg_signature = signCallback(secrets.token, { timestamp, nonce, encrypt });
    return {
      ...valid,
      query: new URLSearchParams({ timestamp, nonce, msg_signature }),
      body: JSON.stringify({ encrypt }),
    };
  };
  const bytes = fc.uint8Array({ maxLength: 256 }).map((each) => signed(Buffer.from(each).toString("base64")));
  const message = fc
    .oneof(fc.json({ maxDepth: 6 }), fc.string({ unit: "binary", maxLength: 100 }))
    .filter((each) => !/eventtype/i.test(each))
    .map((each) => makeCallback(secrets, { message: each, ownerKey }));
  return fc.oneof(bytes, message);
}

test(`none of ${CALLBACKS} random callbacks causes a server error or stores anything`, async () => {
  const { app, appKey: ownerKey, secrets } = await makeSubscribed();
  const valid = makeCallback(secrets, { message: { EventType: "check_url" }, ownerKey });
  const callbacks = fc.sample(fc.oneof(changes(valid), signedNonsense(secrets, ownerKey)), {
    numRuns: CALLBACKS,
    seed: 20261203,
  });
  const statuses = new Map<number, number>();
  for (let start = 0; start < callbacks.length; start += AT_ONCE) {
    const responses = await Promise.all(callbacks.slice(start, start + AT_ONCE).map(post));
    for (const { status } of responses) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  expect([...statuses]).toEqual([[400, 5_000]]);
  expect(await eventsOf(app)).toEqual([]);
  expect(await subscriptionOf(app)).toMatchObject({ verifiedAt: null, lastEventAt: null, ownerKind: null });
});

test("a body above 1 MB gets the same answer as any other refused callback", async () => {
  const { appKey: ownerKey, secrets } = await makeSubscribed();
  const valid = makeCallback(secrets, { message: { EventType: "check_url" }, ownerKey });
  const padded = (bytes: number) => ({ ...valid, body: valid.body.padEnd(bytes, " ") });
  expect((await post(padded(1_048_576))).status).toBe(200);
  const [large, unknown] = await Promise.all([
    post(padded(1_048_577)),
    post({ ...valid, address: "unknown" }),
  ]);
  const textOf = async (response: Response) => (await response.text()).replaceAll(/"requestId":"[^"]+"/g, "");
  expect([large.status, await textOf(large)]).toEqual([unknown.status, await textOf(unknown)]);
});
