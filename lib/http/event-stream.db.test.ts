import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { deleteSession, type SignedIn } from "@/lib/auth/sessions";
import { pool } from "@/lib/db/connection-pools";
import { inOrganization } from "@/lib/db/unit-of-work";
import { makeOrganization, makeSession } from "@/lib/testing/factories";
import { endStreams, eventStream } from "./event-stream";

const CHECK_MS = 5_000;

/** Yields one value and then waits for the abort. */
async function* quiet(signal: AbortSignal) {
  yield "open";
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** An open stream: the received text, and a promise of its end. */
type Listener = SignedIn & { readonly organizationId: string };

/** Returns a signed-in owner of a new organization. */
async function makeListener(): Promise<Listener> {
  const { owner, organizationId } = await makeOrganization();
  return { ...(await makeSession(owner)), organizationId };
}

async function listen(who: Listener, source: (signal: AbortSignal) => AsyncIterable<unknown> = quiet) {
  const leaving = new AbortController();
  const request = new Request("http://localhost/progress", { signal: leaving.signal });
  const response = eventStream(request, who, source);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) throw new Error("no stream");
  const events = [(await reader.read()).value];
  let hasEnded = false;
  const end = (async () => {
    for (let read = await reader.read(); !read.done; read = await reader.read()) events.push(read.value);
    hasEnded = true;
  })();
  return { response, events, end, leave: () => leaving.abort(), hasEnded: () => hasEnded };
}

let who: Listener;
beforeEach(async () => {
  who = await makeListener();
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
});
afterEach(async () => {
  endStreams();
  vi.useRealTimers();
});

/** Advances to the next check of the session and waits for its query. */
async function passCheck(): Promise<void> {
  const answered = once(pool(), "release");
  vi.advanceTimersByTime(CHECK_MS);
  await answered;
}

/** Opens and leaves one more stream. Streams that were aborted before it have ended by then. */
async function endOneMore(): Promise<void> {
  const stream = await listen(await makeListener());
  stream.leave();
  await stream.end;
}

describe("S1 open streams", () => {
  test("ends the stream within 5 s after the session ends", async () => {
    const stream = await listen(who);
    await passCheck();
    await endOneMore();
    expect(stream.hasEnded(), "it stays open during the session").toBe(false);

    await deleteSession(who.sessionId);
    vi.advanceTimersByTime(CHECK_MS);
    await stream.end;
    expect(stream.events).toEqual(['data: "open"\n\n']);
  });

  test("ends the stream within 5 s after the membership ends", async () => {
    const stream = await listen(who);
    const { organizationId, userId } = who;
    await inOrganization(who, (tx) => tx.membership.deleteMany({ where: { organizationId, userId } }));
    vi.advanceTimersByTime(CHECK_MS);
    await stream.end;
    expect(stream.events).toEqual(['data: "open"\n\n']);
  });

  test("sends nothing more after the session ends, even from a source that yields all the time", async () => {
    let say: () => void = () => {};
    let told: AbortSignal | undefined;
    async function* talkative(signal: AbortSignal) {
      told = signal;
      yield "first";
      await new Promise<void>((resolve) => {
        say = resolve;
      });
      yield "secret of later";
    }
    const stream = await listen(who, talkative);
    await deleteSession(who.sessionId);
    vi.advanceTimersByTime(CHECK_MS);
    await expect.poll(() => told?.aborted).toBe(true);
    say();
    await stream.end;
    expect(stream.events).toEqual(['data: "first"\n\n']);
  });

  test("S19 forbids caching and buffering of the stream", async () => {
    const { response } = await listen(who);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("vary")).toContain("cookie");
  });
});

describe("S30 limits of open streams", () => {
  test("limits open streams to three per user, whose oldest one ends first", async () => {
    const neighbor = await listen(await makeListener());
    const streams = [await listen(who), await listen(who), await listen(who)];
    await endOneMore();
    expect(streams.map(({ hasEnded }) => hasEnded())).toEqual([false, false, false]);
    const fourth = await listen(who);
    await streams[0]?.end;
    await endOneMore();
    expect([...streams, fourth, neighbor].map(({ hasEnded }) => hasEnded())).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  test("frees the place and leaves no timer when the browser disconnects", async () => {
    for (let count = 0; count < 5; count++) {
      const stream = await listen(who);
      stream.leave();
      await stream.end;
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  test("leaves no timer when the browser disconnects before the first value", async () => {
    for (const leave of ["the request", "the answer"]) {
      const gone = new AbortController();
      const request = new Request("http://localhost/progress", { signal: gone.signal });
      const { body } = eventStream(request, who, quiet);
      if (leave === "the request") gone.abort();
      else await body?.cancel();
    }
    await expect.poll(vi.getTimerCount).toBe(0);
  });

  test("ends all open streams when the server stops", async () => {
    const streams = [await listen(who), await listen(await makeListener())];
    endStreams();
    await Promise.all(streams.map(({ end }) => end));
    expect(vi.getTimerCount()).toBe(0);
  });
});
