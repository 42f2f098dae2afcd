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
        AddOptions(services, configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SaslauthdService>());
        return services;
    }

    /// <summary>Adds the daemon with a verifier of its own, which is not put into the host's services.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="verifier">Makes the verifier, which is disposed with the daemon where it can be.</param>
    /// <param name="configure">Tells it where and how to serve.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddSaslauthd(
        this IServiceCollection services, Func<IServiceProvider, IPasswordVerifier> verifier, Action<SaslauthdHostOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(verifier);
        ArgumentNullException.ThrowIfNull(configure);
        AddOptions(services, configure);
        services.AddSingleton<IHostedService>(provider => SaslauthdService.WithVerifierOfItsOwn(provider, verifier(provider)));
        return services;
    }

    private static void AddOptions(IServiceCollection services, Action<SaslauthdHostOptions> configure)
    {
        services.AddOptions<SaslauthdHostOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SaslauthdHostOptions>, SaslauthdHostOptions.Validator>());
    }
}
