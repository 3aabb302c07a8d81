import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { parseKeyRing } from "@/lib/crypto/envelope";
import { env } from "@/lib/env";
import { changeSecrets } from "./keys-change-secrets";
import {
  CLIENTS,
  makeRequests,
  ratesOf,
  ratesUntil,
  type Server,
  startLoad,
  startServer,
  WINDOW_MS,
} from "./keys-load";
import { APPS, makeSealed, ORGANIZATIONS, openAll, type SealedApp } from "./keys-sealed-values";
import type { MeasuredDatabase } from "./measuring/measured-database";
import { durationText, median, ratioText } from "./measuring/report";
import type { Measured, Part } from "./measuring/run-parts";

const WINDOWS_BEFORE = 5;
const RATIO_MIN = 0.9;

type Rotation = { readonly isOver: () => boolean; readonly code: () => number | null };

function startRotation(ENCRYPTION_KEYS: string): Rotation {
  const child = spawn(process.execPath, ["scripts/run.mjs", "keys", "rotate"], {
    stdio: "inherit",
    env: { ...process.env, ENCRYPTION_KEYS },
  });
  process.once("exit", () => child.kill("SIGKILL"));
  return { isOver: () => child.exitCode !== null || child.signalCode !== null, code: () => child.exitCode };
}

type Measurement = {
  readonly database: MeasuredDatabase;
  readonly servers: readonly Server[];
  readonly apps: readonly SealedApp[];
  /** The new key and the old one, in the form of ENCRYPTION_KEYS. */
  readonly entries: readonly [string, string];
};

async function measure({ database, servers, apps, entries }: Measurement) {
  const load = startLoad(servers, await makeRequests(apps, entries[1]));
  await ratesOf(load, 1);
  const before = await ratesOf(load, WINDOWS_BEFORE);
  const refs = apps.map(({ organization, appId }) => ({ ...organization, appId }));
  const changing = await changeSecrets(refs, parseKeyRing(entries));
  const startedAt = performance.now();
  const rotation = startRotation(entries.join(","));
  const during = await ratesUntil(load, rotation.isOver);
  const tookMs = performance.now() - startedAt;
  const changed = await changing.end();
  const after = await ratesOf(load, WINDOWS_BEFORE);
  await load.end();
  const { opened, wrong } = await openAll(database, entries[0]);
  const failures = [
    ...load.failures,
    ...changed.failures,
    ...wrong,
    ...(rotation.code() === 0 ? [] : [`keys:rotate ended with ${rotation.code()}`]),
  ];
  return { before, during, after, tookMs, opened, changes: changed.count, failures };
}

async function run(database: MeasuredDatabase): Promise<Measured> {
  // The old key is that of this process, which has sealed all other values.
  const entries = [`new:${randomBytes(32).toString("base64")}`, env().ENCRYPTION_KEYS[0] ?? ""] as const;
  const apps = await makeSealed(entries[1]);
  const servers: Server[] = [];
  try {
    for (let number = 0; number < 2; number += 1) servers.push(await startServer(entries.join(",")));
    const { before, during, after, tookMs, opened, changes, failures } = await measure({
      database,
      servers,
      apps,
      entries,
    });
    const rate = (rates: readonly number[]) => median(rates);
    const ratio = rate(during) / rate(before);
    const rowOf = (what: string, rates: readonly number[]) => [
      what,
      rate(rates).toFixed(0),
      ratioText(rate(rates), rate(before)),
    ];
    return {
      failures: [
        ...failures.slice(0, 10),
        ...(ratio < RATIO_MIN ? [`${ratio.toFixed(2)} of the answers per second during the rotation`] : []),
      ],
      section: {
        title: "Keys",
        about:
          `${(ORGANIZATIONS * APPS).toLocaleString("en")} sealed values of ${ORGANIZATIONS} organizations are resealed by \`npm run keys:rotate\`, ` +
          `while ${CLIENTS} clients read the tokens of their apps from two servers without pause, and secrets are changed; all on one machine. ` +
          `Medians of windows of ${WINDOW_MS / 1_000} s.`,
        head: ["", "answers per second", "ratio"],
        rows: [rowOf("before", before), rowOf("during the rotation", during), rowOf("afterwards", after)],
        notes: [
          `The rotation took ${durationText(tookMs)}. Meanwhile ${changes.toLocaleString("en")} secrets were changed, and ${failures.length} requests, changes or values failed. ` +
            `The new key alone then opened ${opened.toLocaleString("en")} values.`,
        ],
      },
    };
  } finally {
    for (const { program, pool } of servers) {
      await program.end("SIGTERM");
      await pool.destroy();
    }
  }
}

/** Measures how much key rotation slows the servers down. */
export const keys: Part = { name: "keys", run };
