import { joinLiveProcesses } from "@/lib/key-rotation/live-process";
import { rotate } from "@/lib/key-rotation/rotate";
import { keyRing } from "@/lib/secrets/sealed-secrets";
import { keyCountsText } from "./key-counts-text";
import { onDatabase } from "./on-database";
import { runOnce } from "./run-once";

const SAY_EVERY_MS = 5_000;

const plural = (many: number, one: string, more: string) =>
  `${many.toLocaleString("en")} ${many === 1 ? one : more}`;
const values = (many: number) => plural(many, "value", "values");

/** Says where it is now and then: a line for each batch would be thousands. */
function makeTeller(): (sentence: () => string) => void {
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
  const tell = makeTeller();
  let done = 0;
  const options = {
    signal: stop.signal,
    onResealed: (many: number) => {
      done += many;
      tell(() => `${values(done)} sealed anew with the key ${keyId} …`);
    },
    onWaiting: (many: number) =>
      tell(
        () =>
          `Waiting for ${plural(many, "process", "processes")} to start with the key ${keyId} in ENCRYPTION_KEYS …`,
      ),
  };
  try {
    const left = await rotate(live, { ring, keyId }, options);
    console.log(`${values(done)} sealed anew with the key ${keyId}.`);
    if (left.length > 0) throw new Error(`No key of ENCRYPTION_KEYS opens these:\n${keyCountsText(left)}`);
    const others = [...ring.keys()].slice(1);
    if (others.length > 0)
      console.log(`Nothing else is in use: ${others.join(", ")} may be taken out of ENCRYPTION_KEYS.`);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    throw new Error(`Paused after ${values(done)}. The same command goes on from there.`, { cause: error });
  } finally {
    await leave();
  }
}

/** `npm run keys:rotate`: seals everything with the first key of ENCRYPTION_KEYS, while servers run. */
runOnce(() => onDatabase(rotateKeys));
