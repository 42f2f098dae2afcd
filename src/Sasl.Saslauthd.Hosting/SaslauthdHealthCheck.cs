using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sasl.Saslauthd;

namespace Sasl.Saslauthd.Hosting;

/// <summary>A health check for saslauthd: asks with a login that is impossible, and is healthy when the daemon says no.</summary>
/// <remarks>Register it with <see cref="HealthCheckRegistration"/>, or with <c>AddCheck</c>.</remarks>
/// <param name="health">Who asks.</param>
public sealed class SaslauthdHealthCheck(SaslauthdHealth health) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        PasswordDaemonState state = await health.CheckAsync(cancellationToken).ConfigureAwait(false);
        return state.IsReady
            ? HealthCheckResult.Healthy(state.Text)
            : new HealthCheckResult(context.Registration.FailureStatus, state.Text);
    }
}
