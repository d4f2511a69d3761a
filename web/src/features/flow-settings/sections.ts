// The sections of a flow's settings, in the order of the page.
import { AudioLines, Cable, ChartLine, Contact, FileUp, Gauge, Globe, KeyRound, ListChecks, type LucideIcon, MessageCircleQuestion, Mic, ScanText, SlidersHorizontal, ThumbsUp } from "lucide-react";
import type { SectionName } from "./names";

export interface SectionEntry {
  name: SectionName;
  icon: LucideIcon;
}

export const GROUPS: readonly { group: "general" | "chat" | "media" | "advanced"; sections: readonly SectionEntry[] }[] = [
  {
    group: "general",
    sections: [
      { name: "access", icon: KeyRound },
      { name: "rateLimit", icon: Gauge },
      { name: "domains", icon: Globe },
      { name: "leads", icon: Contact },
    ],
  },
  {
    group: "chat",
    sections: [
      { name: "starters", icon: ListChecks },
      { name: "followUps", icon: MessageCircleQuestion },
      { name: "feedback", icon: ThumbsUp },
    ],
  },
  {
    group: "media",
    sections: [
      { name: "speechToText", icon: Mic },
      { name: "textToSpeech", icon: AudioLines },
      { name: "fileUpload", icon: FileUp },
    ],
  },
  {
    group: "advanced",
    sections: [
      { name: "analytics", icon: ChartLine },
      { name: "postProcessing", icon: ScanText },
      { name: "overrides", icon: SlidersHorizontal },
      { name: "mcp", icon: Cable },
    ],
  },
];
