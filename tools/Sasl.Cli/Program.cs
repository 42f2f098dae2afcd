using Sasl.Cli;

return await new SaslCommandLine(CliConsole.System).RunAsync(args);
