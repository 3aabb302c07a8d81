import type { AppRef } from "@/lib/app-ref";
import { closeDatabase } from "@/lib/db/clients";
import { onStop } from "@/server/signals";
import { noteCall, writeNoted } from "../record-call";
import { makeCall } from "./make-call";

// A server as far as its calls go: notes some at once, and stops as servers do.
const [app = "{}", calls = "0"] = process.argv.slice(2);
onStop([writeNoted, closeDatabase]);
for (let call = 0; call < Number(calls); call++) noteCall(makeCall(JSON.parse(app) as AppRef));
process.stdout.write("held\n");
setInterval(() => {}, 1_000);
