// What the pieces of a conversation need of it, without handing it through every level.
import { createContext, useContext } from "react";
import type { Feedback } from "../model/answer";

export interface ChatTools {
  flowId: string;
  chatId: string;
  /** Whether answers can be rated. */
  canRate: boolean;
  /** Whether the trace of an answer can be opened. */
  canTrace: boolean;
  /** Whether the nodes that ran are shown. */
  showSteps: boolean;
  askAgain: (questionId: string, text?: string) => void;
  ask: (text: string) => void;
  rate: (id: string, messageId: string, feedback: Feedback) => Promise<void>;
}

const Context = createContext<ChatTools | undefined>(undefined);

export const ChatProvider = Context.Provider;

export function useChatTools(): ChatTools {
  const tools = useContext(Context);
  if (!tools) throw new Error("A message stands outside its chat.");
  return tools;
}
