import { expect, test, vi } from "vitest";
import { lineStream } from "./line-stream";

async function* batches(count: number, onRead: (index: number) => void = () => {}) {
  for (let index = 0; index < count; index += 1) {
    onRead(index);
    yield [{ index }, { index }];
  }
}

const { signal } = new AbortController();

test("sends a line for each value and frees its place at the end", async () => {
  const release = vi.fn<() => void>();
  const text = await lineStream(batches(2), { signal, release }).text();
  expect(text).toBe('{"index":0}\n{"index":0}\n{"index":1}\n{"index":1}\n');
  await expect.poll(() => release.mock.calls.length).toBe(1);
});

test("S30 cuts the connection of a client that stops reading, and stops its source", async () => {
  const release = vi.fn<() => void>();
  let read = 0;
  const count = (index: number) => {
    read = index + 1;
  };
  const response = lineStream(batches(1_000, count), { signal, release, readTimeoutMs: 20 });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  await expect.poll(() => release.mock.calls.length).toBe(1);
  expect(read).toBeLessThan(5);
  const rest = async () => {
    for (let one = await reader.read(); !one.done; one = await reader.read());
  };
  await expect(rest()).rejects.toThrow();
});

test("ends the stream when the client disconnects", async () => {
  const release = vi.fn<() => void>();
  const controller = new AbortController();
  const response = lineStream(batches(1_000), { signal: controller.signal, release });
  controller.abort();
  await expect(response.text()).rejects.toThrow();
  await expect.poll(() => release.mock.calls.length).toBe(1);
  const late = lineStream(batches(1), { signal: controller.signal, release });
  await expect(late.text()).rejects.toThrow();
  await expect.poll(() => release.mock.calls.length).toBe(2);
});
