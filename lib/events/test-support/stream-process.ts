import { setTimeout as sleep } from "node:timers/promises";
import { joinLiveProcesses } from "@/lib/key-rotation/live-processes";
import { startStreams } from "../stream/supervisor";

/** A process that only keeps Stream connections, and that tests kill. Prints its id in `live_process`. */
const { process: live } = await joinLiveProcesses();
startStreams({ processId: live.id, balanceMs: 20 });
process.stdout.write(`${live.id}\n`);
await sleep(10 * 60_000);
