package main

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"strings"

	"github.com/golang-jwt/jwt"
)

var errUnauthenticated = errors.New("no valid token")

type identity struct {
	keys      map[string]*rsa.PublicKey
	issuer    string
	audiences []string
	parser    jwt.Parser
}

func newIdentity(jwks, issuer string, audiences []string) (*identity, error) {
	var set struct {
		Keys []struct{ Kid, N, E string } `json:"keys"`
	}
	if err := json.Unmarshal([]byte(jwks), &set); err != nil {
		return nil, err
	}
	keys := make(map[string]*rsa.PublicKey)
	for _, key := range set.Keys {
		n, err := base64.RawURLEncoding.DecodeString(key.N)
		if err != nil {
			return nil, err
		}
		e, err := base64.RawURLEncoding.DecodeString(key.E)
		if err != nil {
			return nil, err
		}
		keys[key.Kid] = &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	}
	return &identity{keys, issuer, audiences, jwt.Parser{ValidMethods: []string{"RS256"}}}, nil
}

func (i *identity) user(authorization string) (string, error) {
	scheme, token, found := strings.Cut(authorization, " ")
	if !found || !strings.EqualFold(scheme, "bearer") {
		return "", errUnauthenticated
	}
	claims := jwt.MapClaims{}
	_, err := i.parser.ParseWithClaims(token, claims, func(token *jwt.Token) (any, error) {
		id, _ := token.Header["kid"].(string)
		key, found := i.keys[id]
		if !found {
			return nil, errUnauthenticated
		}
		return key, nil
	})
	if err != nil || !claims.VerifyIssuer(i.issuer, true) || !i.isForUs(claims) {
		return "", errUnauthenticated
	}
	user, _ := claims["sub"].(string)
	if user == "" {
		return "", errUnauthenticated
	}
	return user, nil
}

func (i *identity) isForUs(claims jwt.MapClaims) bool {
	for _, audience := range i.audiences {
		if claims.VerifyAudience(audience, true) {
			return true
		}
	}
	return false
}
