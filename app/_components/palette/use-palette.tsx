"use client";

import { useHotkeys } from "@mantine/hooks";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { announce } from "../feedback/announce";
import type { ConsolePerson, ConsolePlace } from "../shell/frame-data";

type Loaded = typeof import("./palette");

type Opened = {
  readonly open: () => void;
  /** The palette itself, once it was asked for. */
  readonly element: ReactNode;
};

/** Opens the palette by a button or by mod+K, also while somebody types. It is loaded when it is first wanted. */
export function usePalette(place: ConsolePlace | undefined, person: ConsolePerson): Opened {
  const t = useTranslations("error");
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const open = () => {
    if (loaded) {
      loaded.openPalette();
      return;
    }
    import("./palette").then(
      setLoaded,
      // Nothing else depends on it: the page stays as it is.
      () => announce(t("network")),
    );
  };
  useHotkeys([["mod+K", open]], []);
  return { open, element: loaded && <loaded.Palette place={place} person={person} /> };
}
