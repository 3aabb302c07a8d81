import { takeRequest } from "../../key-rate";

/** A server of its own: `requests-process KEY LIMIT REQUESTS` makes them one after another and says how many went on. */
const [keyId = "", limit = "1", requests = "1"] = process.argv.slice(2);
let allowed = 0;
for (let request = 0; request < Number(requests); request += 1) {
  if ((await takeRequest(keyId, Number(limit))).isAllowed) allowed += 1;
}
process.stdout.write(`${allowed}\n`);
process.exit(0);
