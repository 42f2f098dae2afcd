using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Sasl.Saslauthd.Hosting;

/// <summary>Puts saslauthd into a host.</summary>
public static class SaslauthdServiceCollectionExtensions
{
    /// <summary>Adds the daemon, which asks the host's <see cref="IPasswordVerifier"/>.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Tells it where and how to serve. What cannot work ends the host's start.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddSaslauthd(this IServiceCollection services, Action<SaslauthdHostOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<SaslauthdHostOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SaslauthdHostOptions>, SaslauthdHostOptions.Validator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SaslauthdService>());
        return services;
    }

    /// <summary>Adds the daemon with a verifier of its own, which is not put into the host's services.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="verifier">Makes the verifier.</param>
    /// <param name="configure">Tells it where and how to serve.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddSaslauthd(
        this IServiceCollection services, Func<IServiceProvider, IPasswordVerifier> verifier, Action<SaslauthdHostOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(verifier);
        services.AddSaslauthd(configure);
        services.Replace(ServiceDescriptor.Singleton<IHostedService, SaslauthdService>(
            provider => ActivatorUtilities.CreateInstance<SaslauthdService>(provider, verifier(provider))));
        return services;
    }
}
