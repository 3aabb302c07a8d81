import { setTimeout as delay } from "node:timers/promises";
import type { AppRef } from "@/lib/app-ref";
import { type KeyRing, open, seal } from "@/lib/crypto/envelope";
import { inOrganization } from "@/lib/db/unit-of-work";
import { LiveProcess } from "@/lib/key-rotation/live-processes";
import { secretContext } from "@/lib/secrets/app-secret";

const PAUSE_MS = 20;
const CHANGES_PER_BEAT = 50;

const readSealed = ({ organizationId, appId }: AppRef) =>
  inOrganization({ organizationId }, (tx) =>
    tx.dingtalkApp.findUniqueOrThrow({
      where: { organizationId_id: { organizationId, id: appId } },
      select: { sealedSecret: true },
    }),
  );

type Keys = { readonly ring: KeyRing; readonly keyId: string };

async function change(app: AppRef, { ring, keyId }: Keys, secret: string): Promise<void> {
  const { organizationId, appId } = app;
  const context = secretContext(organizationId, appId);
  const sealedSecret = Uint8Array.from(seal(ring, context, secret, keyId));
  await inOrganization({ organizationId }, (tx) =>
    tx.dingtalkApp.update({
      where: { organizationId_id: { organizationId, id: appId } },
      data: { sealedSecret },
    }),
  );
  const now = open(ring, context, (await readSealed(app)).sealedSecret);
  if (now !== secret) throw new Error("a changed secret was overwritten");
}

/** Changes secrets as a live process does, one after another until aborted, and reads each of them back. */
export async function changeSecrets(apps: readonly AppRef[], ring: KeyRing) {
  let [count, keyId] = [0, ""];
  const over = new AbortController();
  const live = new LiveProcess(ring, (id) => {
    keyId = id;
  });
  await live.join();
  const failures: string[] = [];
  const going = (async () => {
    while (!over.signal.aborted) {
      const app = apps[count % apps.length];
      if (!app) return;
      count += 1;
      if (count % CHANGES_PER_BEAT === 0) await live.heartbeat();
      await change(app, { ring, keyId }, `changed ${count}`).catch((error: unknown) =>
        failures.push(String(error)),
      );
      await delay(PAUSE_MS);
    }
  })();
  return {
    async end() {
      over.abort();
      await going;
      await live.leave();
      return { count, failures };
    },
  };
}
