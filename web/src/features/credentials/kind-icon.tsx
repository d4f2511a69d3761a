// A credential kind's own icon, else a key.
import { KeyRound } from "lucide-react";
import { credentialIconUrl } from "~/api/workbench";
import { IconTile } from "~/ui/icon-tile";

const LOOK = { hue: "utility", icon: KeyRound } as const;

export function KindIcon({ kind, size = "md" }: { kind: string; size?: "sm" | "md" }) {
  return <IconTile look={LOOK} icon={credentialIconUrl(kind)} size={size} />;
}
