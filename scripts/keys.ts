import { fingerprintOf } from "@/lib/crypto/envelope";
import { countByKey, type KeyCount } from "@/lib/key-rotation/count-keys";
import { joinLiveProcesses, LiveProcess, type OtherProcess } from "@/lib/key-rotation/live-processes";
import { rotate } from "@/lib/key-rotation/rotate";
import { keyRing } from "@/lib/secrets/sealed-secrets";
import { toTable } from "./bench/measuring/report";
import { onDatabase, runOnce } from "./run-once";

const SAY_EVERY_MS = 5_000;

const plural = (many: number, one: string, more: string) =>
  `${many.toLocaleString("en")} ${many === 1 ? one : more}`;
const values = (many: number) => plural(many, "value", "values");

/** Returns a table of the number of sealed values per column and key. */
function keyCountsText(counts: readonly KeyCount[]): string {
  const ids = [...new Set(counts.map(({ keyId }) => keyId))].sort();
  const places = [...new Set(counts.map(({ place }) => place))].sort();
  const countOf = (place: string, id: string) =>
    counts.find((one) => one.place === place && one.keyId === id)?.count ?? 0;
  return toTable(
    ["sealed", ...ids],
    places.map((place) => [place, ...ids.map((id) => countOf(place, id).toLocaleString("en"))]),
  );
}

/** Describes the use of a key by live processes, and whether it can be removed from ENCRYPTION_KEYS. */
function sentenceOf(id: string, counts: readonly KeyCount[], others: readonly OtherProcess[]): string {
  const key = keyRing().get(id);
  if (!key) return `${id}: needed, but not in ENCRYPTION_KEYS.`;
  const hash = fingerprintOf(id, key);
  const sealing = others.filter(({ sealingHash }) => sealingHash === hash).length;
  const having = others.filter(({ keyHashes }) => keyHashes.includes(hash)).length;
  const has = `${id}: ${having} of ${others.length} live processes have it, ${sealing} seal with it`;
  const values = counts.reduce((sum, { keyId, count }) => sum + (keyId === id ? count : 0), 0);
  if (id === keyRing().keys().next().value) return `${has}. It is the first key and must stay.`;
  if (sealing > 0)
    return `${has}. It cannot be removed yet: restart the other processes with the new key first.`;
  if (values > 0)
    return `${has}. It cannot be removed yet: run npm run keys:rotate to reseal the remaining values.`;
  return `${has}. It can be removed from ENCRYPTION_KEYS.`;
}

async function keysStatus(): Promise<void> {
  // Reads without joining, because a process that joins takes part in the choice of the sealing key.
  const others = await new LiveProcess(keyRing(), () => {}).others();
  const counts = await countByKey(new AbortController().signal);
  console.log(counts.length > 0 ? keyCountsText(counts) : "No values are sealed yet.");
  const ids = new Set([...keyRing().keys(), ...counts.map(({ keyId }) => keyId)]);
  for (const id of ids) console.log(sentenceOf(id, counts, others));
}

/** Limits progress output to one line every few seconds. */
function makeProgressPrinter(): (sentence: () => string) => void {
  let saidAt = Number.NEGATIVE_INFINITY;
  return (sentence) => {
    if (performance.now() - saidAt < SAY_EVERY_MS) return;
    saidAt = performance.now();
    console.log(sentence());
  };
}

async function rotateKeys(): Promise<void> {
  const ring = keyRing();
  const [keyId = ""] = ring.keys();
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop.abort());
  const { process: live, leave } = await joinLiveProcesses();
  const tell = makeProgressPrinter();
  let done = 0;
  const options = {
    signal: stop.signal,
    onResealed: (many: number) => {
      done += many;
      tell(() => `${values(done)} resealed with the key ${keyId} …`);
    },
    onWaiting: (many: number) =>
      tell(
        () =>
          `Waiting for ${plural(many, "process", "processes")} to start with the key ${keyId} in ENCRYPTION_KEYS …`,
      ),
  };
  try {
    const left = await rotate(live, { ring, keyId }, options);
    console.log(`${values(done)} resealed with the key ${keyId}.`);
    if (left.length > 0)
      throw new Error(`No key in ENCRYPTION_KEYS opens these values:\n${keyCountsText(left)}`);
    const others = [...ring.keys()].slice(1);
    if (others.length > 0)
      console.log(`All other keys are unused: ${others.join(", ")} can be removed from ENCRYPTION_KEYS.`);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    throw new Error(`Paused after ${values(done)}. Run the same command again to continue.`, {
      cause: error,
    });
  } finally {
    await leave();
  }
}

/**
 * Returns the command: `npm run keys:status` prints which keys seal values and which are no longer needed, and `npm run
 * keys:rotate` reseals all values with the first key of ENCRYPTION_KEYS while servers run.
 */
function commandOf(verb: string | undefined): () => Promise<void> {
  if (verb === "status") return keysStatus;
  if (verb === "rotate") return rotateKeys;
  throw new Error("Usage: npm run keys:status, or npm run keys:rotate");
}

runOnce(() => onDatabase(commandOf(process.argv[2])));
