import { fingerprintOf } from "@/lib/crypto/envelope";
import { countByKey, type KeyCount } from "@/lib/key-rotation/count-keys";
import { LiveProcess, type OtherProcess } from "@/lib/key-rotation/live-process";
import { keyRing } from "@/lib/secrets/sealed-secrets";
import { keyCountsText } from "./key-counts-text";
import { onDatabase } from "./on-database";
import { runOnce } from "./run-once";

/** What a key is to those that live, and whether it may be taken out of every ring. */
function sentenceOf(id: string, counts: readonly KeyCount[], others: readonly OtherProcess[]): string {
  const key = keyRing().get(id);
  if (!key) return `${id}: not in ENCRYPTION_KEYS, and needed.`;
  const hash = fingerprintOf(id, key);
  const sealing = others.filter(({ sealingHash }) => sealingHash === hash).length;
  const having = others.filter(({ keyHashes }) => keyHashes.includes(hash)).length;
  const has = `${id}: ${having} of ${others.length} live processes have it, ${sealing} seal with it`;
  const values = counts.reduce((sum, { keyId, count }) => sum + (keyId === id ? count : 0), 0);
  if (id === keyRing().keys().next().value) return `${has}. It is the first, and stays.`;
  if (sealing > 0) return `${has}. It can't be taken out: start the others with the new key too.`;
  if (values > 0) return `${has}. It can't be taken out: npm run keys:rotate seals the rest anew.`;
  return `${has}. It can be taken out of ENCRYPTION_KEYS.`;
}

async function keysStatus(): Promise<void> {
  // It only looks: a process that joins would have a say in which key seals.
  const others = await new LiveProcess(keyRing(), () => {}).others();
  const counts = await countByKey(new AbortController().signal);
  console.log(counts.length > 0 ? keyCountsText(counts) : "Nothing is sealed yet.");
  const ids = new Set([...keyRing().keys(), ...counts.map(({ keyId }) => keyId)]);
  for (const id of ids) console.log(sentenceOf(id, counts, others));
}

/** `npm run keys:status`: which keys seal what, and which of them are needed no more. */
runOnce(() => onDatabase(keysStatus));
