import type { z } from "zod";
import { ControlError } from "../organization/directory";
import { merge } from "../settings";
import { requireApp, type World } from "../world";
import type { Connection } from "./connection";
import { type StreamOptions, streamOptionsPatch } from "./stream-options";

export type StreamOptionsInput = z.input<typeof streamOptionsPatch>;
export type ConnectionSummary = ReturnType<Connection["summary"]>;

/** Control of stream mode. */
export function streamControl(world: World) {
  const { stream } = world;
  return {
    readStreamOptions: (appKey: string): StreamOptions => stream.optionsOf(appKey),
    /** Changes how an app's connections behave from now on. */
    setStreamOptions(appKey: string, patch: StreamOptionsInput): StreamOptions {
      requireApp(world, appKey);
      const options = merge(stream.optionsOf(appKey), streamOptionsPatch.parse(patch));
      stream.options.set(appKey, options);
      return options;
    },
    resetStreamOptions: (appKey: string): void => void stream.options.delete(appKey),
    /** Lists the open connections of an app, or of all apps, oldest first. */
    listConnections: (appKey?: string): ConnectionSummary[] =>
      [...stream.connections.values()]
        .filter((connection) => appKey === undefined || connection.appKey === appKey)
        .map((connection) => connection.summary()),
    /** Sends a `disconnect` frame. The connection then gets no new events, and is closed after `closeAfterMs`. */
    disconnectConnection: (id: string, reason?: string): void =>
      requireConnection(world, id).disconnect(reason),
    /** Closes a TCP connection without any frame. */
    killConnection: (id: string): void => requireConnection(world, id).kill(),
    /** Stops all sending and reading on a connection without closing it, like a connection that died unnoticed. */
    muteConnection: (id: string): void => requireConnection(world, id).mute(),
  };
}

function requireConnection(world: World, id: string): Connection {
  const connection = world.stream.connections.get(id);
  if (!connection) throw new ControlError(`no connection ${id}`);
  return connection;
}
