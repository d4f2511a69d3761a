//! The built program from outside: real processes, real HTTP, and a scripted model provider.

#![cfg(test)]

mod accounts;
mod answers;
mod attacks;
mod bad_files;
mod bad_flows;
mod bad_requests;
mod built_in;
mod cli;
mod conversations;
mod databases;
mod disk;
mod first_agentflows;
mod gates;
mod generator;
mod golden;
mod leaving;
mod moving_in;
mod openai_compatible;
mod process;
mod provider_failures;
mod restart;
mod site;
mod start;
mod templates;
mod tools;
mod transcript;
mod webhooks;
